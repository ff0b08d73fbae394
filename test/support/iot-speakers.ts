import { once } from 'node:events';
import { iot, mqtt5 } from 'aws-iot-device-sdk-v2';
import mqtt from 'mqtt';
import { z } from 'zod';
import type { Credentials } from '../../device-sim/iot-core/certificate-authority.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import type { Heard } from '../../device-sim/iot-core/raw-client.js';
import type { Site } from '../../device-sim/iot-core/test-site.js';

export interface HeardMessage {
  readonly topic: string;
  readonly payload: Buffer;
}

/** One way to speak MQTT 5, reduced to the reason codes and messages that come back. */
export interface Speaker {
  subscribe(filters: readonly string[]): Promise<readonly number[]>;
  unsubscribe(filter: string): Promise<void>;
  publish(topic: string, payload: Buffer): Promise<number>;
  /** The next message, however long ago it came. */
  hear(): Promise<HeardMessage>;
  /** Says DISCONNECT. */
  leave(): Promise<void>;
  /** The reason code with which the broker ends the connection; -1 if it says nothing. */
  readonly ended: Promise<number>;
}

interface Introduction {
  readonly site: Site;
  readonly core: IotCore;
  readonly credentials: Pick<Credentials, 'certPem' | 'keyPem'>;
  readonly clientId: string;
  readonly keepAliveS?: number;
}

/** Resolves once let in, or with the reason code of the CONNACK. */
export type Dial = (introduction: Introduction) => Promise<Speaker | number>;

const CodesSchema = z.array(z.number());
const CodeSchema = z.object({ code: z.number() });
const SubackSchema = z.object({ packet: z.object({ granted: CodesSchema }) });

/** What came and nobody has asked for yet, and who waits for what is to come. */
class Queue<T> {
  readonly #come: T[] = [];
  readonly #waiting: ((one: T) => void)[] = [];

  put(one: T): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#come.push(one);
    else waiting(one);
  }

  async take(): Promise<T> {
    return this.#come.shift() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
  }
}

/** A client of the AWS SDK, not yet started. */
export function awsClient(
  core: IotCore,
  { certPem, keyPem }: Introduction['credentials'],
  clientId: string,
  keepAliveIntervalSeconds = 60,
): mqtt5.Mqtt5Client {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    'localhost',
    certPem,
    keyPem,
  );
  builder.withCertificateAuthorityFromPath(undefined, core.caFile).withPort(core.port);
  builder.withConnectProperties({ clientId, keepAliveIntervalSeconds });
  return new mqtt5.Mqtt5Client(builder.build());
}

export async function stopAws(client: mqtt5.Mqtt5Client): Promise<void> {
  const stopped = once(client, 'stopped');
  client.stop({ reasonCode: 0 });
  await stopped;
  client.close();
}

const awsSdk: Dial = async ({ site, core, credentials, clientId, keepAliveS }) => {
  const client = awsClient(core, credentials, clientId, keepAliveS);
  const heard = new Queue<HeardMessage>();
  client.on('messageReceived', ({ message: { topicName, payload } }) => {
    const bytes = payload instanceof ArrayBuffer && payload.byteLength > 0 ? Buffer.from(payload) : Buffer.alloc(0);
    heard.put({ topic: topicName, payload: bytes });
  });
  const code = new Promise<number>((resolve) => {
    client.once('connectionSuccess', () => resolve(0));
    client.once('connectionFailure', ({ connack }) => resolve(connack?.reasonCode ?? -1));
  });
  client.start();
  let isStopped = false;
  const leave = async () => {
    if (isStopped) return;
    isStopped = true;
    await stopAws(client);
  };
  site.onClose(leave);
  if ((await code) !== 0) {
    await leave();
    return code;
  }
  const qos = mqtt5.QoS.AtLeastOnce;
  return {
    subscribe: async (filters) => {
      const suback = await client.subscribe({ subscriptions: filters.map((topicFilter) => ({ topicFilter, qos })) });
      return CodesSchema.parse(suback.reasonCodes);
    },
    unsubscribe: async (filter) => void (await client.unsubscribe({ topicFilters: [filter] })),
    publish: async (topicName, payload) => {
      const puback = await client.publish({ topicName, qos, payload });
      return z.object({ reasonCode: z.number() }).parse(puback).reasonCode;
    },
    hear: () => heard.take(),
    leave,
    ended: new Promise((resolve) => {
      client.once('disconnection', ({ disconnect }) => resolve(disconnect?.reasonCode ?? -1));
    }),
  };
};

const mqttJs: Dial = async ({ site, core, credentials, clientId, keepAliveS = 60 }) => {
  const client = mqtt.connect({
    ...{ clientId, protocolVersion: 5, protocol: 'mqtts', host: 'localhost', port: core.port, keepalive: keepAliveS },
    ...{ ca: core.caPem, cert: credentials.certPem, key: credentials.keyPem, reconnectPeriod: 0 },
  });
  site.onClose(() => client.endAsync(true));
  const heard = new Queue<HeardMessage>();
  client.on('message', (topic, payload) => heard.put({ topic, payload }));
  const code = await new Promise<number>((resolve) => {
    client.once('connect', () => resolve(0));
    client.once('error', (error) => resolve(CodeSchema.parse(error).code));
  });
  if (code !== 0) return code;
  client.on('error', () => undefined);
  return {
    subscribe: async (filters) => {
      try {
        await client.subscribeAsync([...filters], { qos: 1 });
        return filters.map(() => 1);
      } catch (error) {
        return SubackSchema.parse(error).packet.granted;
      }
    },
    unsubscribe: async (filter) => void (await client.unsubscribeAsync(filter)),
    publish: async (topic, payload) => {
      try {
        await client.publishAsync(topic, payload, { qos: 1 });
        return 0;
      } catch (error) {
        return CodeSchema.parse(error).code;
      }
    },
    hear: () => heard.take(),
    leave: () => client.endAsync(),
    ended: new Promise((resolve) => {
      client.once('disconnect', ({ reasonCode }) => resolve(reasonCode ?? -1));
    }),
  };
};

const raw: Dial = async ({ site, core, credentials, clientId, keepAliveS = 60 }) => {
  const client = await site.dial(core, credentials);
  const greeted = await client.greet(clientId, { keepalive: keepAliveS });
  if (greeted.cmd !== 'connack') return -1;
  if (greeted.reasonCode !== 0) return greeted.reasonCode ?? -1;
  const messages = new Queue<HeardMessage>();
  const answers = new Queue<Heard>();
  const ended = new Queue<number>();
  void (async () => {
    for (;;) {
      const heard = await client.next();
      if (heard.cmd === 'publish') messages.put({ topic: heard.topic, payload: Buffer.from(heard.payload) });
      else answers.put(heard);
      if (heard.cmd === 'disconnect') ended.put(heard.reasonCode ?? -1);
      if (heard.cmd === 'closed') return;
    }
  })();
  return {
    subscribe: async (filters) => {
      const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const }));
      client.send({ cmd: 'subscribe', messageId: 7, subscriptions });
      const heard = await answers.take();
      return CodesSchema.parse(heard.cmd === 'suback' ? heard.granted : [-1]);
    },
    unsubscribe: async (filter) => {
      client.send({ cmd: 'unsubscribe', messageId: 8, unsubscriptions: [filter] });
      await answers.take();
    },
    publish: async (topic, payload) => {
      client.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 9, retain: false, dup: false });
      const heard = await answers.take();
      return heard.cmd === 'puback' ? (heard.reasonCode ?? 0) : -1;
    },
    hear: () => messages.take(),
    leave: async () => {
      client.send({ cmd: 'disconnect', reasonCode: 0 });
      client.socket.end();
    },
    ended: ended.take(),
  };
};

/** Every way to speak MQTT 5 that the stand-in is to be right for. */
export const DIALS = [
  ['the AWS SDK', awsSdk],
  ['mqtt.js', mqttJs],
  ['raw packets', raw],
] as const;

/** Dials and insists on being let in. */
export async function joined(dial: Dial, introduction: Introduction): Promise<Speaker> {
  const speaker = await dial(introduction);
  if (typeof speaker === 'number') throw new TypeError(`${introduction.clientId} was refused by ${speaker}`);
  return speaker;
}

/** Asks a service and returns the end of the answer's topic with its body. */
export async function ask(speaker: Speaker, topic: string, body: unknown): Promise<[string, unknown]> {
  const code = await speaker.publish(topic, Buffer.from(JSON.stringify(body)));
  if (code !== 0) return [`puback ${code}`, undefined];
  return await heardAt(speaker, topic);
}

/** The next message: what its topic has behind the given one, and its body. */
export async function heardAt(speaker: Speaker, topic: string): Promise<[string, unknown]> {
  const heard = await speaker.hear();
  return [heard.topic.replace(topic, ''), JSON.parse(heard.payload.toString())];
}
