import { once } from 'node:events';
import { iot, mqtt5 } from 'aws-iot-device-sdk-v2';
import mqtt from 'mqtt';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Credentials } from './certificate-authority.js';
import type { IotCore } from './iot-core.js';
import { AWS_RATES } from './rates.js';
import { type Site, test } from './test-site.js';

/** One way to speak MQTT 5, reduced to the reason codes that come back. */
interface Speaker {
  subscribe(filters: readonly string[]): Promise<readonly number[]>;
  publish(topic: string, payload: Buffer): Promise<number>;
  /** The reason code with which the broker ends the connection; -1 if it says nothing. */
  readonly ended: Promise<number>;
}

type Dial = (site: Site, core: IotCore, credentials: Credentials, clientId: string) => Promise<Speaker>;

const CodesSchema = z.array(z.number());
const SubackSchema = z.object({ packet: z.object({ granted: CodesSchema }) });
const CodeSchema = z.object({ code: z.number() });

const awsSdk: Dial = async (site, core, { certPem, keyPem }, clientId) => {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    'localhost',
    certPem,
    keyPem,
  );
  builder.withCertificateAuthorityFromPath(undefined, core.caFile).withPort(core.port);
  builder.withConnectProperties({ clientId, keepAliveIntervalSeconds: 60 });
  const client = new mqtt5.Mqtt5Client(builder.build());
  const connected = once(client, 'connectionSuccess');
  client.start();
  await connected;
  site.onClose(async () => {
    const stopped = once(client, 'stopped');
    client.stop({ reasonCode: 0 });
    await stopped;
    client.close();
  });
  const qos = mqtt5.QoS.AtLeastOnce;
  return {
    subscribe: async (filters) => {
      const suback = await client.subscribe({ subscriptions: filters.map((topicFilter) => ({ topicFilter, qos })) });
      return CodesSchema.parse(suback.reasonCodes);
    },
    publish: async (topicName, payload) => {
      const puback = await client.publish({ topicName, qos, payload });
      return z.object({ reasonCode: z.number() }).parse(puback).reasonCode;
    },
    ended: new Promise((resolve) => {
      client.once('disconnection', ({ disconnect }) => resolve(disconnect?.reasonCode ?? -1));
    }),
  };
};

const mqttJs: Dial = async (site, core, { certPem, keyPem }, clientId) => {
  const client = await mqtt.connectAsync({
    clientId,
    protocolVersion: 5,
    protocol: 'mqtts',
    host: 'localhost',
    port: core.port,
    ca: core.caPem,
    cert: certPem,
    key: keyPem,
    reconnectPeriod: 0,
  });
  site.onClose(() => client.endAsync(true));
  return {
    subscribe: async (filters) => {
      try {
        await client.subscribeAsync([...filters], { qos: 1 });
        return filters.map(() => 1);
      } catch (error) {
        return SubackSchema.parse(error).packet.granted;
      }
    },
    publish: async (topic, payload) => {
      try {
        await client.publishAsync(topic, payload, { qos: 1 });
        return 0;
      } catch (error) {
        return CodeSchema.parse(error).code;
      }
    },
    ended: new Promise((resolve) => {
      client.once('disconnect', ({ reasonCode }) => resolve(reasonCode ?? -1));
    }),
  };
};

const raw: Dial = async (site, core, credentials, clientId) => {
  const client = await site.join(core, credentials, clientId);
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  return {
    subscribe: async (filters) => CodesSchema.parse(await client.subscribe(...filters)),
    publish: async (topic, payload) => {
      const heard = await client.publish(topic, payload);
      if (heard.cmd === 'puback') return heard.reasonCode ?? 0;
      if (heard.cmd !== 'disconnect') return -1;
      end(heard.reasonCode ?? -1);
      return heard.reasonCode ?? -1;
    },
    ended,
  };
};

const CLIENTS = [
  ['the AWS SDK', awsSdk],
  ['mqtt.js', mqttJs],
  ['raw packets', raw],
] as const;

const many = (count: number, prefix = 'f') => Array.from({ length: count }, (_, n) => `${prefix}/${n}`);

test.for(CLIENTS)('%s: eight filters in a SUBSCRIBE and fifty on a connection', async ([, dial], { site, core }) => {
  const speaker = await dial(site, core, await site.anybody(core), 'c');
  expect(new Set(await speaker.subscribe(many(9)))).toEqual(new Set([0x97]));
  for (let n = 0; n < 6; n += 1) expect(await speaker.subscribe(many(8, `${n}`))).toEqual(Array(8).fill(1));
  expect(await speaker.subscribe(many(2, 'last'))).toEqual([1, 1]);
  expect(await speaker.subscribe(['one/more'])).toEqual([0x97]);
});

test.for(CLIENTS)('%s: 128 KiB and eight levels, and no more', async ([, dial], { site, core }) => {
  const speaker = await dial(site, core, await site.anybody(core), 'c');
  expect(await speaker.publish('a', Buffer.alloc(128 * 1024))).toBe(0);
  expect(await speaker.publish('a', Buffer.alloc(128 * 1024 + 1))).toBe(0x97);
  expect(await speaker.publish('1/2/3/4/5/6/7/8', Buffer.from('x'))).toBe(0);
  expect(await speaker.publish('1/2/3/4/5/6/7/8/9', Buffer.from('x'))).toBe(0x90);
});

test.for(CLIENTS)('%s: a hundred publishes in a second, and no more', async ([, dial], { site, core }) => {
  const speaker = await dial(site, core, await site.anybody(core), 'c');
  core.admin.setRates(AWS_RATES);
  const codes: number[] = [];
  for (let n = 0; n < 101; n += 1) codes.push(await speaker.publish('a', Buffer.from('x')));
  expect(codes).toEqual([...Array(100).fill(0), 0x97]);
});

test.for(CLIENTS)('%s: a denial by reason code, and by disconnect', async ([, dial], { site, core }) => {
  const device = await site.device(core, 'inklet-a');
  const speaker = await dial(site, core, device, 'inklet-a');
  expect(await speaker.publish('not/mine', Buffer.from('x'))).toBe(0x87);
  expect(await speaker.subscribe(['not/mine'])).toEqual([0x87]);
  core.admin.setOnDenied('disconnect');
  void speaker.publish('not/mine', Buffer.from('x')).catch(() => undefined);
  expect(await speaker.ended).toBe(0x87);
});

test.for(CLIENTS)('%s: a certificate that is revoked while connected', async ([, dial], { site, core }) => {
  const device = await site.device(core, 'inklet-a');
  const speaker = await dial(site, core, device, 'inklet-a');
  core.admin.faults.arm({ kind: 'certificate-revoked', topic: 'inklet/dev/+/up/state' });
  const topic = 'inklet/dev/inklet-a/up/state';
  void speaker.publish(topic, Buffer.from('x')).catch(() => undefined);
  expect(await speaker.ended).toBe(0x87);
  expect(core.admin.clients()).toEqual([]);
});
