import { iot, mqtt5 } from 'aws-iot-device-sdk-v2';
import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { backOffMs } from '../back-off.js';
import { HubError } from '../errors.js';
import type { CloudLink, LinkState, MessageHandler } from './cloud-link.js';

export type AwsLinkOptions = {
  endpoint: string;
  port: number;
  /** The CA that the broker's certificate must come from. */
  caPem: string;
  certificatePem: string;
  privateKeyPem: string;
  /** The MQTT client id, which the device policy wants to be the thing name. */
  thingName: string;
  /** At most eight topic filters. */
  subscriptions: readonly string[];
  onMessage: MessageHandler;
  clock: Clock;
  random: () => number;
  log: Logger;
};

const KEEP_ALIVE_S = 60;
const MIN_RECONNECT_MS = 1000;
const MAX_RECONNECT_MS = 60_000;
const STEADY_AFTER_MS = 20_000;
const CONNACK_TIMEOUT_MS = 20_000;
const ACK_TIMEOUT_S = 15;
const STOP_LIMIT_MS = 2000;
// Two holders of one client id throw each other out for ever at the usual pace.
const TAKEN_OVER_BACK_OFF = { baseMs: 30_000, capMs: 600_000 };
const SUBSCRIBE_BACK_OFF = { baseMs: 1000, capMs: 60_000 };
const SESSION_TAKEN_OVER = 0x8e;
const NORMAL_DISCONNECTION = 0;
const FIRST_FAILURE_CODE = 0x80;

/** MQTT 5 over mutual TLS by the AWS device SDK, whose traps are all handled here. Source: facts on the SDK, 1 to 14. */
export class AwsLink implements CloudLink {
  readonly #options: AwsLinkOptions;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #work = new Set<Promise<void>>();
  #client: mqtt5.Mqtt5Client | undefined;
  #stopped: Promise<void> | undefined;
  #state: LinkState = { connected: false, connectedSinceMs: undefined, reconnects: 0 };
  /** Aborts when the connection that is being made or used has ended. */
  #session = new AbortController();
  #connections = 0;
  #takeOvers = 0;
  #listeners: ((state: LinkState) => void)[] = [];

  constructor(options: AwsLinkOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  start(): void {
    if (this.#client !== undefined || this.#stopping.signal.aborted) return;
    const client = new mqtt5.Mqtt5Client(clientConfig(this.#options));
    this.#client = client;
    client.on('messageReceived', (event) => this.#received(event));
    client.on('connectionSuccess', () => {
      this.#session = new AbortController();
      this.#track(this.#join(client, AbortSignal.any([this.#session.signal, this.#stopping.signal])));
    });
    client.on('connectionFailure', ({ error, connack }) => {
      this.#log.debug({ reason: error.toString(), code: connack?.reasonCode }, 'connection failed');
    });
    client.on('disconnection', ({ error, disconnect }) => {
      this.#session.abort();
      this.#down({ reason: error.toString(), code: disconnect?.reasonCode });
      if (disconnect?.reasonCode === SESSION_TAKEN_OVER) this.#track(this.#yieldToOther(client));
    });
    client.on('error', (error) => this.#log.warn({ reason: error.toString() }, 'link client failed'));
    client.start();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  state(): LinkState {
    return this.#state;
  }

  onChange(listener: (state: LinkState) => void): void {
    this.#listeners.push(listener);
  }

  async publish(topic: string, payload: string): Promise<void> {
    const client = this.#client;
    // The SDK would keep it in memory without limit and lose it with the process.
    if (client === undefined || !this.#state.connected) throw new HubError('link.down', `not connected: ${topic}`);
    let reasonCode: number | undefined;
    try {
      const packet = { topicName: topic, qos: mqtt5.QoS.AtLeastOnce, payload: Buffer.from(payload) };
      const ack = await client.publish(packet);
      reasonCode = ack?.reasonCode;
    } catch (error) {
      throw new HubError('link.down', `not delivered: ${topic}`, { cause: error });
    }
    if (reasonCode !== undefined && reasonCode >= FIRST_FAILURE_CODE) {
      throw new HubError('link.refused', `the broker refused ${topic} with code ${reasonCode}`);
    }
  }

  /** A connection counts once it hears the cloud. */
  async #join(client: mqtt5.Mqtt5Client, session: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    for (let failures = 1; !(await this.#subscribe(client)); failures += 1) {
      await clock.sleep(backOffMs(SUBSCRIBE_BACK_OFF, failures, random), session).catch(() => undefined);
      if (session.aborted) return;
    }
    if (session.aborted) return;
    const reconnects = this.#connections;
    this.#connections += 1;
    this.#change({ connected: true, connectedSinceMs: clock.now(), reconnects });
    this.#log.info({ reconnects }, 'connected');
  }

  async #subscribe(client: mqtt5.Mqtt5Client): Promise<boolean> {
    const { subscriptions } = this.#options;
    try {
      const suback = await client.subscribe({
        subscriptions: subscriptions.map((topicFilter) => ({ topicFilter, qos: mqtt5.QoS.AtLeastOnce })),
      });
      const refused = suback.reasonCodes.find((code) => Number(code) >= FIRST_FAILURE_CODE);
      // The exchange by HTTP goes on, and brings the commands.
      if (refused !== undefined) this.#log.error({ code: refused, subscriptions }, 'subscription refused');
      return true;
    } catch (error) {
      this.#log.debug({ err: error }, 'subscription failed');
      return false;
    }
  }

  /** Never throws: an exception in a handler of the SDK ends the process. */
  #received({ message, acknowledgementControl }: mqtt5.MessageReceivedEvent): void {
    // Only valid synchronously; later the SDK has acknowledged by itself.
    const handle = acknowledgementControl?.acquireHandle();
    this.#track(
      (async () => {
        await this.#options.onMessage(message.topicName, payloadBytes(message.payload));
        handle?.invokeAcknowledgement();
      })(),
    );
  }

  #down(why: { reason: string; code: number | undefined }): void {
    if (!this.#state.connected) return;
    this.#change({ ...this.#state, connected: false, connectedSinceMs: undefined });
    this.#log.info(why, 'disconnected');
  }

  /** Another process connects with this hub's identity: a copied card, or a second hub process. */
  async #yieldToOther(client: mqtt5.Mqtt5Client): Promise<void> {
    const { clock, random, thingName } = this.#options;
    this.#takeOvers += 1;
    const waitMs = backOffMs(TAKEN_OVER_BACK_OFF, this.#takeOvers, random);
    this.#log.warn({ thingName, waitMs }, 'another client connected with this identity; is this card a copy?');
    client.stop({ reasonCode: NORMAL_DISCONNECTION });
    await clock.sleep(waitMs, this.#stopping.signal).catch(() => undefined);
    if (!this.#stopping.signal.aborted) client.start();
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const client = this.#client;
    if (client === undefined) return;
    const limit = new AbortController();
    const ended = new Promise<void>((resolve) => client.once('stopped', () => resolve()));
    // Without the packet the socket just closes and a last will would fire; with it the SDK may hang.
    client.stop({ reasonCode: NORMAL_DISCONNECTION });
    await Promise.race([ended, this.#options.clock.sleep(STOP_LIMIT_MS, limit.signal).catch(() => undefined)]);
    limit.abort();
    client.close();
    this.#down({ reason: 'stopped', code: undefined });
    await Promise.all(this.#work);
  }

  #change(state: LinkState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#log.warn({ err: error }, 'message not handled'))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}

function clientConfig(options: AwsLinkOptions): mqtt5.Mqtt5ClientConfig {
  const { endpoint, port, caPem, certificatePem, privateKeyPem, thingName } = options;
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    endpoint,
    certificatePem,
    privateKeyPem,
  );
  return (
    builder
      .withCertificateAuthority(caPem)
      .withPort(port)
      // Replaces every default of the packet, keep-alive too.
      .withConnectProperties({ clientId: thingName, keepAliveIntervalSeconds: KEEP_ALIVE_S })
      .withSessionBehavior(mqtt5.ClientSessionBehavior.Clean)
      .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
      .withRetryJitterMode(mqtt5.RetryJitterType.Full)
      .withMinReconnectDelayMs(MIN_RECONNECT_MS)
      .withMaxReconnectDelayMs(MAX_RECONNECT_MS)
      .withMinConnectedTimeToResetReconnectDelayMs(STEADY_AFTER_MS)
      .withConnackTimeoutMs(CONNACK_TIMEOUT_MS)
      .withAckTimeoutSeconds(ACK_TIMEOUT_S)
      .build()
  );
}

/** A zero-length payload arrives as a detached ArrayBuffer, of which no Buffer can be made. */
function payloadBytes(payload: mqtt5.Payload | undefined): Uint8Array {
  if (payload === undefined) return new Uint8Array();
  if (typeof payload === 'string') return Buffer.from(payload);
  if (payload instanceof ArrayBuffer) return payload.byteLength === 0 ? new Uint8Array() : Buffer.from(payload);
  if (ArrayBuffer.isView(payload)) {
    return payload.byteLength === 0
      ? new Uint8Array()
      : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  return new Uint8Array();
}
