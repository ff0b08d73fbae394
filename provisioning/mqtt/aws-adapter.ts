import { iot, mqtt5 } from 'aws-iot-device-sdk-v2';
import { ProvisioningError } from '../errors.js';
import {
  CONNECT_LIMIT_MS,
  KEEP_ALIVE_S,
  type MqttAdapter,
  type MqttAdapterEvents,
  type MqttAdapterFactory,
  type MqttOptions,
} from './mqtt-adapter.js';
import { refusedConnect } from './reason-codes.js';

const MS_PER_S = 1000;

/** MQTT 5 by the AWS IoT device SDK. What it does by itself and a hub cannot bear is named, and kept from it, below. */
export const awsAdapter: MqttAdapterFactory = (options, events) => new AwsAdapter(options, events);

class AwsAdapter implements MqttAdapter {
  readonly #options: MqttOptions;
  readonly #events: MqttAdapterEvents;
  readonly #client: mqtt5.Mqtt5Client;
  readonly #stopped: Promise<void>;
  #isStarted = false;
  #isConnected = false;

  constructor(options: MqttOptions, events: MqttAdapterEvents) {
    this.#options = options;
    this.#events = events;
    this.#client = clientFor(options);
    this.#stopped = new Promise((resolve) => this.#client.once('stopped', () => resolve()));
  }

  async connect(): Promise<void> {
    const client = this.#client;
    const { clientId } = this.#options;
    // An event emitter without a listener for `error` ends the process.
    client.on('error', (error) => this.#end(error.toString(), undefined));
    client.on('disconnection', ({ error, disconnect }) =>
      this.#end(disconnect?.reasonString ?? wordsOf(error), disconnect?.reasonCode),
    );
    client.on('messageReceived', (event) => this.#take(event));
    const failed = await new Promise<mqtt5.ConnectionFailureEvent | undefined>((resolve) => {
      client.on('connectionSuccess', () => resolve(undefined));
      client.on('connectionFailure', resolve);
      this.#isStarted = true;
      client.start();
    });
    if (failed === undefined) {
      this.#isConnected = true;
      return;
    }
    // It would try again by itself.
    client.stop();
    const { connack, error } = failed;
    if (connack !== undefined) throw refusedConnect(clientId, connack.reasonCode, connack.reasonString);
    throw connectFailure(this.#options, error);
  }

  async subscribe(filters: readonly string[]): Promise<readonly number[]> {
    const subscriptions = filters.map((topicFilter) => ({ topicFilter, qos: mqtt5.QoS.AtLeastOnce }));
    return (await this.#client.subscribe({ subscriptions })).reasonCodes;
  }

  async publish(topic: string, payload: Buffer): Promise<number> {
    const packet = { topicName: topic, qos: mqtt5.QoS.AtLeastOnce, payload };
    return (await this.#client.publish(packet))?.reasonCode ?? 0;
  }

  async end(): Promise<void> {
    if (!this.#isStarted) return;
    // Without the packet the socket just closes, and the broker publishes the last will; with it the SDK may hang.
    this.#client.stop(this.#isConnected ? { reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection } : undefined);
    await this.#stopped;
  }

  destroy(): void {
    this.#client.close();
  }

  #end(why: string, reasonCode: number | undefined): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#events.onEnd(why, reasonCode);
  }

  /** Never throws: an exception in a handler of the SDK ends the process. */
  #take({ message, acknowledgementControl }: mqtt5.MessageReceivedEvent): void {
    // Only valid synchronously; later the SDK has acknowledged by itself.
    const handle = acknowledgementControl?.acquireHandle();
    this.#events.onMessage({ topic: message.topicName, payload: bytesOf(message.payload) }, () =>
      handle?.invokeAcknowledgement(),
    );
  }
}

function clientFor(options: MqttOptions): mqtt5.Mqtt5Client {
  const { endpoint, port, caPem, certPem, keyPem, clientId, will } = options;
  const { keepAliveS = KEEP_ALIVE_S, sessionExpiryS = 0 } = options;
  const isClean = sessionExpiryS === 0;
  try {
    const config = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(endpoint, certPem, keyPem)
      .withCertificateAuthority(caPem)
      .withPort(port)
      // This drops every default, the keep-alive too.
      .withConnectProperties({
        clientId,
        keepAliveIntervalSeconds: keepAliveS,
        sessionExpiryIntervalSeconds: sessionExpiryS,
        ...(will === undefined
          ? {}
          : { will: { topicName: will.topic, payload: will.payload, qos: mqtt5.QoS.AtLeastOnce } }),
      })
      .withPingTimeoutMs((keepAliveS * MS_PER_S) / 2)
      // What the SDK itself would send again after a kill it has forgotten: a session is for what comes down.
      .withSessionBehavior(isClean ? mqtt5.ClientSessionBehavior.Clean : mqtt5.ClientSessionBehavior.RejoinAlways)
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

/**
 * Only the network's own failures are named by the SDK. It has no words for what a certificate lacks, and lacks an address for
 * a while where it could not connect.
 */
function connectFailure({ endpoint }: MqttOptions, error: { toString(): string }): ProvisioningError {
  const words = wordsOf(error);
  const isPlain = /AWS_IO_SOCKET_(?!CLOSED)/.test(words);
  return new ProvisioningError(isPlain ? 'link.no-network' : 'link.lost', `${endpoint}: ${words}`, { cause: error });
}

function wordsOf(error: { toString(): string; error_name?: string | undefined }): string {
  return error.error_name ?? error.toString();
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
