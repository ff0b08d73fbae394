import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import mqttPacket from 'mqtt-packet';
import type { Credentials } from './certificate-authority.js';
import type { IotCore } from './iot-core.js';

export interface RawOptions {
  readonly version?: 4 | 5;
  readonly host?: string;
  readonly alpn?: string[];
}

type Connack = mqttPacket.IConnackPacket;
export type Heard = mqttPacket.Packet | { readonly cmd: 'closed' };

/** An MQTT client without manners: it sends and hears single packets, and bytes that are none. */
export class RawClient {
  readonly socket: TLSSocket;
  readonly #version: 4 | 5;
  readonly #heard: Heard[] = [];
  readonly #waiting: ((heard: Heard) => void)[] = [];

  private constructor(socket: TLSSocket, version: 4 | 5) {
    this.socket = socket;
    this.#version = version;
    socket.setNoDelay(true);
    const parser = mqttPacket.parser({ protocolVersion: version });
    parser.on('packet', (packet) => this.#hear(packet));
    socket.on('data', (bytes: Buffer) => parser.parse(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#hear({ cmd: 'closed' }));
  }

  static async dial(
    core: Pick<IotCore, 'port' | 'caPem'>,
    credentials: Pick<Credentials, 'certPem' | 'keyPem'>,
    { version = 5, host = '127.0.0.1', alpn }: RawOptions = {},
  ): Promise<RawClient> {
    const socket = connect({
      host,
      port: core.port,
      ca: core.caPem,
      cert: credentials.certPem,
      key: credentials.keyPem,
      ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
    });
    await once(socket, 'secureConnect');
    return new RawClient(socket, version);
  }

  /** Says CONNECT and returns what comes back. */
  async greet(clientId: string, options: Partial<mqttPacket.IConnectPacket> = {}): Promise<Heard> {
    this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: this.#version,
      clientId,
      clean: true,
      keepalive: 60,
      ...options,
    });
    return await this.next();
  }

  /** Says CONNECT and insists on being let in. */
  async connect(clientId: string, options: Partial<mqttPacket.IConnectPacket> = {}): Promise<Connack> {
    const heard = await this.greet(clientId, options);
    if (heard.cmd !== 'connack' || (heard.reasonCode ?? heard.returnCode) !== 0) {
      throw new TypeError(`${clientId} was not let in: ${JSON.stringify(heard)}`);
    }
    return heard;
  }

  /** Subscribes and returns the SUBACK codes. */
  async subscribe(...filters: (string | mqttPacket.ISubscription)[]): Promise<unknown> {
    const subscriptions = filters.map((filter) =>
      typeof filter === 'string' ? { topic: filter, qos: 1 as const } : filter,
    );
    this.send({ cmd: 'subscribe', messageId: 7, subscriptions });
    const heard = await this.next();
    return heard.cmd === 'suback' ? heard.granted : heard;
  }

  /** Publishes with QoS 1 and returns what comes back. */
  async publish(
    topic: string,
    payload: string | Buffer,
    options: Partial<mqttPacket.IPublishPacket> = {},
  ): Promise<Heard> {
    this.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 9, retain: false, dup: false, ...options });
    return await this.next();
  }

  /** The next packet, acknowledged if it asks for it, or the end of the connection. */
  async next({ acknowledge = true } = {}): Promise<Heard> {
    const heard = this.#heard.shift() ?? (await new Promise<Heard>((resolve) => this.#waiting.push(resolve)));
    if (acknowledge && heard.cmd === 'publish' && heard.messageId !== undefined && heard.qos === 1) {
      this.send({ cmd: 'puback', messageId: heard.messageId });
    }
    return heard;
  }

  /** The topic and text of the next message. */
  async message(): Promise<string> {
    const heard = await this.next();
    return heard.cmd === 'publish' ? `${heard.topic} ${heard.payload.toString()}` : heard.cmd;
  }

  /** What was sent to this client up to now, found out with a ping. */
  async rest(): Promise<Heard[]> {
    this.send({ cmd: 'pingreq' });
    const rest: Heard[] = [];
    for (;;) {
      const heard = await this.next();
      if (heard.cmd === 'pingresp') return rest;
      rest.push(heard);
      if (heard.cmd === 'closed') return rest;
    }
  }

  send(packet: mqttPacket.Packet): void {
    this.socket.write(mqttPacket.generate(packet, { protocolVersion: this.#version }));
  }

  sendBytes(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  cut(): void {
    this.socket.destroy();
  }

  #hear(heard: Heard): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#heard.push(heard);
    else waiting(heard);
  }
}
