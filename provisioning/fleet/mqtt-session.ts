import { iot, mqtt5 } from 'aws-iot-device-sdk-v2';
import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import { withLimit } from './with-limit.js';

/** Where and as whom to connect. */
export interface MqttSessionOptions {
  /** Host name of the AWS IoT endpoint. */
  readonly endpoint: string;
  readonly port: number;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientId: string;
}

type Message = { topic: string; payload: Buffer };

const KEEP_ALIVE_S = 60;
const CONNECT_LIMIT_MS = 30_000;
const REPLY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 2_000;
/** MQTT 5 section 2.4: reason codes from here on are failures. */
const FIRST_FAILURE_CODE = 0x80;

/** One connection of the AWS IoT SDK that is never mended: when it breaks, whoever uses it hears of it and begins again. */
export class MqttSession {
  readonly #client: mqtt5.Mqtt5Client;
  readonly #clock: Clock;
  readonly #broken = new AbortController();
  #onMessage: (message: Message) => void = () => {};
  #closing: Promise<void> | undefined;

  private constructor(client: mqtt5.Mqtt5Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws ProvisioningError `link.unreachable`, `link.bad-credentials`; the signal's reason when it aborts */
  static async open(options: MqttSessionOptions, clock: Clock, signal?: AbortSignal): Promise<MqttSession> {
    signal?.throwIfAborted();
    const session = new MqttSession(clientFor(options), clock);
    try {
      const failure = () =>
        new ProvisioningError('link.unreachable', `no CONNACK of ${options.endpoint} within ${CONNECT_LIMIT_MS} ms`);
      await withLimit(session.#start(options), { clock, limitMs: CONNECT_LIMIT_MS, failure, signal });
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** @throws ProvisioningError `link.not-allowed`, `link.lost`, `claim.no-answer` */
  async subscribe(topics: readonly string[], signal?: AbortSignal): Promise<void> {
    const subscriptions = topics.map((topicFilter) => ({ topicFilter, qos: mqtt5.QoS.AtLeastOnce }));
    const { reasonCodes } = await this.#limited(this.#client.subscribe({ subscriptions }), 'SUBACK', signal);
    const refused = reasonCodes.findIndex((code) => code >= FIRST_FAILURE_CODE);
    if (refused >= 0) {
      throw new ProvisioningError('link.not-allowed', `SUBACK ${reasonCodes[refused]} for ${topics[refused]}`);
    }
  }

  /**
   * Publishes JSON and gives the first message on one of the topics, which must be subscribed to.
   * @throws ProvisioningError `link.not-allowed`, `link.lost`, `claim.no-answer`
   */
  async request(topic: string, body: object, answerTopics: readonly string[], signal?: AbortSignal): Promise<Message> {
    const answer = new Promise<Message>((resolve) => {
      this.#onMessage = (message) => {
        if (answerTopics.includes(message.topic)) resolve(message);
      };
    });
    const publish = { topicName: topic, qos: mqtt5.QoS.AtLeastOnce, payload: Buffer.from(JSON.stringify(body)) };
    const puback = await this.#limited(this.#client.publish(publish), 'PUBACK', signal);
    const code = puback?.reasonCode ?? 0;
    if (code >= FIRST_FAILURE_CODE) throw new ProvisioningError('link.not-allowed', `PUBACK ${code} for ${topic}`);
    return await this.#limited(answer, `answer to ${topic}`, signal);
  }

  /** Leaves by a DISCONNECT packet. Never rejects, and never takes longer than two seconds. */
  async close(): Promise<void> {
    this.#closing ??= this.#stop();
    await this.#closing;
  }

  async #start({ endpoint, clientId }: MqttSessionOptions): Promise<void> {
    const client = this.#client;
    // An event emitter without a listener for `error` ends the process.
    client.on('error', () => this.#break('the client reports an error'));
    client.on('disconnection', ({ error, disconnect }) =>
      this.#break(`DISCONNECT ${disconnect?.reasonCode ?? 'without a packet'}: ${error.error_name}`),
    );
    client.on('messageReceived', ({ message }) =>
      this.#onMessage({ topic: message.topicName, payload: bytesOf(message.payload) }),
    );
    await new Promise<void>((resolve, reject) => {
      client.on('connectionSuccess', () => resolve());
      client.on('connectionFailure', ({ error, connack }) => {
        const why = connack === undefined ? error.error_name : `CONNACK ${connack.reasonCode}`;
        reject(new ProvisioningError('link.unreachable', `${endpoint} did not take ${clientId}: ${why}`));
      });
      client.start();
    });
  }

  #break(why: string): void {
    if (!this.#broken.signal.aborted) this.#broken.abort(new ProvisioningError('link.lost', why));
  }

  async #limited<T>(work: Promise<T>, what: string, signal?: AbortSignal): Promise<T> {
    const failure = () => new ProvisioningError('claim.no-answer', `no ${what} within ${REPLY_LIMIT_MS} ms`);
    const anySignal = signal === undefined ? this.#broken.signal : AbortSignal.any([this.#broken.signal, signal]);
    try {
      return await withLimit(work, { clock: this.#clock, limitMs: REPLY_LIMIT_MS, failure, signal: anySignal });
    } catch (error) {
      if (error instanceof ProvisioningError) throw error;
      signal?.throwIfAborted();
      // The SDK fails what is in flight just before or after it tells of the disconnection.
      throw new ProvisioningError('link.lost', `the connection broke before ${what}`, { cause: error });
    }
  }

  async #stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#client.on('stopped', () => resolve()));
    // Without a packet the socket is just closed, and the broker publishes the last will.
    this.#client.stop({ reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection });
    const inTime = new AbortController();
    const limit = this.#clock.sleep(STOP_LIMIT_MS, inTime.signal).catch(() => {});
    await Promise.race([stopped, limit]);
    inTime.abort();
    this.#client.close();
  }
}

function clientFor({ endpoint, port, caPem, certPem, keyPem, clientId }: MqttSessionOptions): mqtt5.Mqtt5Client {
  try {
    const config = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(endpoint, certPem, keyPem)
      .withCertificateAuthority(caPem)
      .withPort(port)
      // This drops every default, the keep-alive too.
      .withConnectProperties({ clientId, keepAliveIntervalSeconds: KEEP_ALIVE_S })
      .withSessionBehavior(mqtt5.ClientSessionBehavior.Clean)
      .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
      .withConnackTimeoutMs(CONNECT_LIMIT_MS)
      .build();
    return new mqtt5.Mqtt5Client(config);
  } catch (cause) {
    throw new ProvisioningError('link.bad-credentials', `the AWS SDK does not take the files of ${clientId}`, {
      cause,
    });
  }
}

/** An empty payload arrives as a detached buffer, of which `Buffer.from` makes an exception. */
function bytesOf(payload: mqtt5.Payload | undefined): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload);
  if (payload instanceof ArrayBuffer) return payload.byteLength > 0 ? Buffer.from(payload) : Buffer.alloc(0);
  if (ArrayBuffer.isView(payload) && payload.byteLength > 0) {
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  return Buffer.alloc(0);
}
