import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { ProvisioningError } from '../errors.js';
import { connectFailure } from './connect-failure.js';
import {
  CONNECT_LIMIT_MS,
  KEEP_ALIVE_S,
  type MqttAdapter,
  type MqttAdapterEvents,
  type MqttAdapterFactory,
  type MqttOptions,
} from './mqtt-adapter.js';
import { refusedConnect } from './reason-codes.js';

/** Offered as the AWS SDK does; on port 443 AWS IoT Core asks for it. Source: AWS IoT developer guide, "Protocols". */
const ALPN = 'x-amzn-mqtt-ca';
const PUBACK = 0x40;
const PUBACK_BYTES = 2;

/** MQTT 5 by mqtt.js, which needs no binary and so runs on every processor. */
export const mqttJsAdapter: MqttAdapterFactory = (options, events) => new MqttJsAdapter(options, events);

class MqttJsAdapter implements MqttAdapter {
  readonly #options: MqttOptions;
  readonly #events: MqttAdapterEvents;
  readonly #client: MqttClient;
  #hasStream = false;
  #isConnected = false;
  #disconnect: { reasonCode: number; words: string } | undefined;

  constructor(options: MqttOptions, events: MqttAdapterEvents) {
    this.#options = options;
    this.#events = events;
    this.#client = connect(`mqtts://${options.endpoint}:${options.port}`, clientOptions(options));
  }

  async connect(): Promise<void> {
    const client = this.#client;
    client.handleMessage = (packet, callback) => this.#take(packet, callback);
    client.on('disconnect', ({ reasonCode, properties }) => {
      this.#disconnect = { reasonCode: reasonCode ?? 0, words: properties?.reasonString ?? 'the broker says good-bye' };
    });
    await new Promise<void>((resolve, reject) => {
      client.on('connect', () => {
        this.#isConnected = true;
        resolve();
      });
      client.on('error', (error) => {
        reject(this.#failureOf(error));
        this.#end(error.message);
      });
      client.on('close', () => {
        reject(new ProvisioningError('link.lost', `${this.#options.endpoint}: the connection was cut`));
        this.#end('the connection was cut');
      });
      try {
        client.connect();
        this.#hasStream = true;
      } catch (cause) {
        const words = `mqtt.js does not take the files of ${this.#options.clientId}`;
        reject(new ProvisioningError('link.bad-credentials', words, { cause }));
      }
    });
  }

  async subscribe(filters: readonly string[]): Promise<readonly number[]> {
    return await new Promise((resolve, reject) => {
      this.#client.subscribe([...filters], { qos: 1 }, (error, _granted, packet) => {
        if (packet !== undefined) resolve(packet.granted.map(Number));
        else reject(error);
      });
    });
  }

  async publish(topic: string, payload: Buffer): Promise<number> {
    return await new Promise((resolve, reject) => {
      this.#client.publish(topic, payload, { qos: 1 }, (error) => {
        if (error === undefined || error === null) resolve(0);
        else if ('code' in error && typeof error.code === 'number') resolve(error.code);
        else reject(error);
      });
    });
  }

  async end(): Promise<void> {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    // Its own way to the end first waits for every PUBACK.
    this.#client.outgoing = {};
    await this.#client.endAsync(false);
  }

  destroy(): void {
    this.#isConnected = false;
    if (!this.#hasStream) return;
    this.#client.end(true);
    // It does nothing more while its DISCONNECT is under way, which may be for ever.
    this.#client.stream.destroy();
  }

  #end(why: string): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#events.onEnd(this.#disconnect?.words ?? why, this.#disconnect?.reasonCode);
  }

  #failureOf(error: Error): ProvisioningError {
    const { endpoint, clientId } = this.#options;
    if ('code' in error && typeof error.code === 'number') return refusedConnect(clientId, error.code);
    return (
      connectFailure(endpoint, error) ??
      new ProvisioningError('link.lost', `${endpoint}: ${error.message}`, { cause: error })
    );
  }

  /** The library hears nothing more, no PUBACK either, before this calls back; and it acknowledges unless it hears of an error. */
  #take(packet: IPublishPacket, callback: (error?: Error) => void): void {
    const { topic, payload, qos, messageId } = packet;
    if (qos === 0) callback();
    else callback(new ProvisioningError('link.lost', 'acknowledged later'));
    this.#events.onMessage({ topic, payload: Buffer.from(payload) }, () => {
      if (qos > 0 && messageId !== undefined) this.#acknowledge(messageId);
    });
  }

  /** Source: MQTT 5, section 3.4: without reason code and properties it means success. */
  #acknowledge(messageId: number): void {
    if (this.#isConnected) this.#client.stream.write(Buffer.of(PUBACK, PUBACK_BYTES, messageId >> 8, messageId & 0xff));
  }
}

function clientOptions(options: MqttOptions): IClientOptions {
  const { caPem, certPem, keyPem, clientId, will, keepAliveS = KEEP_ALIVE_S, sessionExpiryS = 0 } = options;
  return {
    ca: caPem,
    cert: certPem,
    key: keyPem,
    ALPNProtocols: [ALPN],
    clientId,
    protocolVersion: 5,
    clean: sessionExpiryS === 0,
    properties: { sessionExpiryInterval: sessionExpiryS },
    keepalive: keepAliveS,
    // Never mended: what it would send again, it would send without asking us.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: CONNECT_LIMIT_MS,
    manualConnect: true,
    ...(will === undefined
      ? {}
      : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: false } }),
  };
}
