import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { Credentials } from './certificate-authority.js';
import type { IotCore } from './iot-core.js';
import { type Site, test } from './test-site.js';

const RUNS = 150;

const TOPICS = [
  'a',
  'a/b',
  '$share/g/a',
  '#',
  '+/+',
  '$aws/certificates/create-from-csr/json',
  '$aws/certificates/create-from-csr/cbor',
  '$aws/provisioning-templates/inklet-hub/provision/json',
  '$aws/provisioning-templates/inklet-hub/provision/cbor',
  '$aws/things/inklet-a/shadow/update',
  '$aws/things/inklet-a/shadow/name/config/get',
  '$aws/things/inklet-a/shadow/name/config/delete',
  '$aws/things/inklet-a/jobs/start-next',
  '$aws/things/inklet-a/jobs/one/update',
  '$aws/things/inklet-a/jobs/$next/get',
] as const;

const PAYLOADS = [
  '',
  '{}',
  '[[[[',
  'null',
  '{"state":{"desired":{"a":{"__proto__":{"b":1}}},"reported":{"toString":1}},"clientToken":"t"}',
  '{"state":{"desired":null,"reported":{"a":[{"b":null}]}}}',
  '{"status":"SUCCEEDED","statusDetails":{"constructor":"x"},"includeJobDocument":true}',
  '{"certificateSigningRequest":"-----BEGIN CERTIFICATE REQUEST-----\\nAAAA\\n-----END CERTIFICATE REQUEST-----"}',
  '{"certificateOwnershipToken":"x","parameters":{"__proto__":"x","ThingName":"+"}}',
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `{"state":{"reported":${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}}}`,
] as const;

const topic = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TOPICS) }, fc.string({ maxLength: 20 }));
const payload = fc.oneof(
  fc.constantFrom(...PAYLOADS),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);
const messageId = fc.integer({ min: 1, max: 0xffff });
const rarely = fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const qos = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(0 as const, 1 as const) },
  { weight: 1, arbitrary: fc.constant(2 as const) },
);

const packet: fc.Arbitrary<mqttPacket.Packet> = fc.oneof(
  fc.record({
    cmd: fc.constant('publish' as const),
    ...{ topic, payload, qos, messageId, retain: rarely, dup: rarely },
    properties: fc.record(
      { topicAlias: fc.integer({ min: 1, max: 9 }), messageExpiryInterval: fc.nat(), responseTopic: topic },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    cmd: fc.constant('subscribe' as const),
    messageId,
    subscriptions: fc.array(fc.record({ topic, qos, nl: rarely, rap: rarely, rh: fc.nat(2) }), {
      minLength: 1,
      maxLength: 9,
    }),
  }),
  fc.record({
    cmd: fc.constant('unsubscribe' as const),
    messageId,
    unsubscriptions: fc.array(topic, { minLength: 1 }),
  }),
  fc.record({ cmd: fc.constant('puback' as const), messageId }),
  fc.constant({ cmd: 'pingreq' as const }),
  fc.record({ cmd: fc.constant('disconnect' as const), reasonCode: fc.nat(255) }),
);

/** A packet as bytes, some of them wrong. */
const bytes = fc
  .tuple(packet, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 2 }), rarely)
  .map(([whole, wrong, isWrong]) => {
    const written = Buffer.from(mqttPacket.generate(whole, { protocolVersion: 5 }));
    if (isWrong) for (const [at, byte] of wrong) written[at % written.length] = byte;
    return written;
  });

async function survives(site: Site, core: IotCore, who: Credentials, packets: readonly Buffer[]): Promise<void> {
  const client = await site.join(core, who, 'fuzz');
  for (const one of packets) client.sendBytes(one);
  client.sendBytes(Buffer.from([0xe0, 0x00]));
  client.socket.end();
  while ((await client.next({ acknowledge: false })).cmd !== 'closed');
}

test('whatever a client says, nothing fails here and others are served', async ({ site }) => {
  const failures: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  const core = await site.start({ log });
  const good = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a', { keepalive: 1_200 });
  core.admin.jobs.create({ jobId: 'one', document: {}, targets: ['inklet-a'] });
  const anybody = await site.anybody(core);
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 8 }), (packets) =>
      survives(site, core, anybody, packets),
    ),
    { numRuns: RUNS },
  );
  expect(await good.publish('inklet/dev/inklet-a/up/heartbeat', '{}')).toMatchObject({ cmd: 'puback', reasonCode: 0 });
  expect(await good.rest()).toEqual([]);
  expect(failures).toEqual([]);
});
