import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { backendFilter, type Command, deviceTopics, type SyncHintSchema } from '../../contract/index.js';
import type { Clock } from '../clock.js';
import type { CommandPublisher } from '../command/commands.js';
import { CloudError } from '../errors.js';
import type { Metrics } from '../metrics.js';
import { RECEIVE_MAXIMUM, Reception } from './reception.js';

export type LinkSettings = {
  host: string;
  port: number;
  clientId: string;
  /** Several instances share the work under this name; absent: this one hears everything. */
  sharedGroup: string | undefined;
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
};

/**
 * What is done with a message; it resolves once that is committed, and only then is the message acknowledged. Many are
 * handled at once. One that rejects ends the connection, so that the broker brings the message again, to this instance
 * or another. The signal says that the connection is over already.
 */
export type UpHandler = (topic: string, payload: Buffer, signal: AbortSignal) => Promise<void>;

/** Called by the link while it runs; none of them may throw. */
export type LinkListeners = {
  handle: UpHandler;
  /** A command was handed to the broker. */
  onPublished: (cmdId: string) => void;
  /** The broker has this client again: what was to be sent meanwhile was not. */
  onConnected?: () => void;
};

/** AWS IoT Core carries 128 KiB with the topic; more than this goes by sync alone. */
const PUBLISH_LIMIT_BYTES = 120 * 1024;
const HINT = JSON.stringify({ v: 1, hint: 'sync' } satisfies z.infer<typeof SyncHintSchema>);
const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_S = 30;
/** What hubs say while this service is away waits at the broker. */
const SESSION_EXPIRY_S = 60 * 60;
const SUBACK_FAILURE = 128;
/** Another connection has this client id now. Source: MQTT 5, section 3.14.2.1. */
const SESSION_TAKEN_OVER = 0x8e;
/** So long a leaving service waits for what is being stored, and for the broker. */
const LEAVE_LIMIT_MS = 2_000;
/** The client sends no PUBACK of its own for what its handler calls failed; ours follows once the message is committed. */
const LATER = new CloudError('link.acknowledged-later', 'acknowledged later');

/** The cloud's own client at the broker: hears every hub, and carries commands down. */
export class BackendLink implements CommandPublisher {
  readonly #settings: LinkSettings;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  #client: MqttClient | undefined;
  #reception: Reception | undefined;
  #onPublished: (cmdId: string) => void = () => {};
  #onConnected: () => void = () => {};
  #isConnected = false;

  constructor(settings: LinkSettings, parts: { log: Logger; clock: Clock; metrics: Metrics }) {
    this.#settings = settings;
    this.#log = parts.log.child({ mod: 'link' });
    this.#clock = parts.clock;
    this.#metrics = parts.metrics;
    parts.metrics.gauge('inklet_link_connected', () => (this.#isConnected ? 1 : 0));
  }

  /** Whether the broker has this client and its subscription now. */
  get state(): 'connected' | 'away' {
    return this.#isConnected ? 'connected' : 'away';
  }

  /** Begins to connect, and goes on until it is stopped; a broker that is away keeps nothing else from working. */
  start({ handle, onPublished, onConnected = () => {} }: LinkListeners): void {
    this.#onPublished = onPublished;
    this.#onConnected = onConnected;
    const { host, port, clientId, ca, cert, key } = this.#settings;
    const options: IClientOptions = {
      ca,
      cert,
      key,
      clientId,
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: SESSION_EXPIRY_S, receiveMaximum: RECEIVE_MAXIMUM },
      keepalive: KEEP_ALIVE_S,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      resubscribe: false,
      manualConnect: true,
    };
    const client = connect(`mqtts://${host}:${port}`, options);
    this.#client = client;
    client.handleMessage = ({ qos, messageId, topic, payload }, callback) => {
      const arrival = { messageId: qos === 0 ? undefined : messageId, topic, payload: Buffer.from(payload) };
      this.#reception?.take(arrival, () => callback(LATER));
    };
    client.on('connect', () => {
      this.#reception = this.#receive(client, handle);
      this.#subscribe(client);
    });
    client.on('disconnect', ({ reasonCode }) => this.#noteDisconnect(reasonCode));
    client.on('close', () => {
      this.#reception?.end();
      this.#noteState(false);
    });
    client.on('error', (error) => this.#log.debug({ err: error }, 'the connection to the broker failed'));
    client.connect();
  }

  publish(thingName: string, command: Command): void {
    const whole = JSON.stringify(command);
    if (Buffer.byteLength(whole) > PUBLISH_LIMIT_BYTES) this.hint(thingName);
    else this.#send(thingName, whole, () => this.#onPublished(command.cmdId));
  }

  /** Tells a hub that there is something to fetch by sync. */
  hint(thingName: string): void {
    this.#send(thingName, HINT, () => {});
  }

  #send(thingName: string, payload: string, onDone: () => void): void {
    if (!this.#isConnected || this.#client === undefined) return;
    this.#client.publish(deviceTopics(thingName).command, payload, { qos: 1 }, (error) => {
      if (error) this.#log.debug({ err: error, thingName }, 'a command was not published');
      else onDone();
    });
  }

  /** Lets what is being stored be acknowledged, as long as that takes no time, and lets go of the broker. */
  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) {
      const limit = new AbortController();
      const late = this.#clock.sleep(LEAVE_LIMIT_MS, limit.signal).catch(() => {});
      if (this.#isConnected) await Promise.race([this.#leave(client), late]);
      limit.abort();
      await client.endAsync(true);
      this.#reception?.end();
    }
    this.#noteState(false);
  }

  /** Who shares messages with others asks for no more of them before it goes: nobody would hear those until it is back. */
  async #leave(client: MqttClient): Promise<void> {
    const { sharedGroup } = this.#settings;
    if (sharedGroup !== undefined) await client.unsubscribeAsync(backendFilter(sharedGroup)).catch(() => {});
    await this.#reception?.idle();
    await client.endAsync(false);
  }

  #receive(client: MqttClient, handle: UpHandler): Reception {
    const { stream } = client;
    return new Reception({
      handle,
      write: (bytes) => {
        if (!stream.destroyed) stream.write(bytes);
      },
      onFailure: (error) => {
        this.#log.error({ err: error }, 'messages of hubs cannot be stored: the broker is to bring them again');
        stream.destroy();
      },
    });
  }

  #subscribe(client: MqttClient): void {
    client.subscribe(backendFilter(this.#settings.sharedGroup), { qos: 1 }, (error, granted) => {
      if (error === null && granted?.every(({ qos }) => qos < SUBACK_FAILURE)) {
        this.#noteState(true);
        this.#onConnected();
        return;
      }
      this.#log.error({ err: error }, 'the broker refuses the subscription to what hubs say');
      client.stream.destroy();
    });
  }

  #noteDisconnect(reasonCode: number | undefined): void {
    if (reasonCode !== SESSION_TAKEN_OVER) return;
    this.#metrics.count('inklet_link_taken_over_total');
    this.#log.error({ clientId: this.#settings.clientId }, 'another instance connects with this client id');
  }

  #noteState(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return;
    this.#isConnected = isConnected;
    this.#log.info({ host: this.#settings.host }, isConnected ? 'connected to the broker' : 'the broker is away');
  }
}
