import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { backendFilter, type Command, deviceTopics, type SyncHintSchema } from '../../contract/index.js';
import type { Clock } from '../clock.js';
import type { CommandPublisher } from '../command/commands.js';
import type { Metrics } from '../metrics.js';

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

/** What is done with a message; it resolves once that is committed. Only then is the message acknowledged. */
export type UpHandler = (topic: string, payload: Buffer) => Promise<void>;

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
const HANDLER_TRIES = 5;
const HANDLER_RETRY_MS = 500;
const SUBACK_FAILURE = 128;

/** The cloud's own client at the broker: hears every hub, and carries commands down. */
export class BackendLink implements CommandPublisher {
  readonly #settings: LinkSettings;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #stopping = new AbortController();
  #client: MqttClient | undefined;
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
      properties: { sessionExpiryInterval: SESSION_EXPIRY_S },
      keepalive: KEEP_ALIVE_S,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      resubscribe: false,
      manualConnect: true,
    };
    const client = connect(`mqtts://${host}:${port}`, options);
    this.#client = client;
    // The client acknowledges when this calls back, so it calls back after the commit.
    client.handleMessage = (packet, callback) => {
      if (packet.cmd !== 'publish') return callback();
      this.#handle(client, handle, packet.topic, Buffer.from(packet.payload)).then(
        (handled) => handled && callback(),
        () => {},
      );
    };
    client.on('connect', () => this.#subscribe(client));
    client.on('close', () => this.#noteState(false));
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

  async stop(): Promise<void> {
    this.#stopping.abort();
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(true);
    this.#noteState(false);
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

  /** False when the message stays unacknowledged, so that the broker brings it again. */
  async #handle(client: MqttClient, handle: UpHandler, topic: string, payload: Buffer): Promise<boolean> {
    for (let tries = 1; !this.#stopping.signal.aborted; tries += 1) {
      try {
        await handle(topic, payload);
        return true;
      } catch (error) {
        this.#log.error({ err: error, topic, tries }, 'a message could not be stored');
        this.#metrics.count('inklet_link_store_failures_total');
        if (tries === HANDLER_TRIES) break;
        await this.#clock.sleep(HANDLER_RETRY_MS, this.#stopping.signal);
      }
    }
    client.stream.destroy();
    return false;
  }

  #noteState(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return;
    this.#isConnected = isConnected;
    this.#log.info({ host: this.#settings.host }, isConnected ? 'connected to the broker' : 'the broker is away');
  }
}
