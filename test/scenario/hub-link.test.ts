import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { deviceTopics } from '../../contract/index.js';
import { startIotCore } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { AwsLink, type MessageHandler } from '../../hub/index.js';

const THING = 'inklet-aaaaaaaaaaaaaaaa';
const TOPICS = deviceTopics(THING);
const SESSION_TAKEN_OVER = 0x8e;
const WAIT = { timeout: 15_000, interval: 20 };

const test = it
  .extend('core', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-link-${task.id}-`));
    const core = await startIotCore({ dir, host: '127.0.0.1', port: 0, clock: systemClock });
    onCleanup(async () => {
      await core.stop();
      await rm(dir, { recursive: true, force: true });
    });
    return core;
  })
  .extend('connect', async ({ core }, { onCleanup }) => {
    const { certificateId, certPem, keyPem } = await core.admin.createCertificate(THING, ['inklet-device']);
    core.admin.attachThing(THING, certificateId);
    const logged: string[] = [];
    const connect = async (onMessage: MessageHandler = () => undefined) => {
      const link = new AwsLink({
        endpoint: '127.0.0.1',
        port: core.port,
        caPem: core.caPem,
        certificatePem: certPem,
        privateKeyPem: keyPem,
        thingName: THING,
        subscriptions: [TOPICS.command],
        onMessage,
        clock: systemClock,
        random: Math.random,
        log: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
      });
      onCleanup(() => link.stop());
      link.start();
      await expect.poll(() => link.state().connected, WAIT).toBe(true);
      return { link, logged };
    };
    return connect;
  });

test('it connects by its thing name, keeps alive each minute and hears its own commands alone', async ({
  core,
  connect,
}) => {
  await connect();
  expect(core.admin.clients()).toMatchObject([
    { clientId: THING, keepAliveS: 60, subscriptions: [{ filter: TOPICS.command, qos: 1 }] },
  ]);
});

test('nothing is kept for later while there is no link', async ({ connect }) => {
  const { link } = await connect();
  await link.publish(TOPICS.state, '{}');
  await link.stop();
  await expect(link.publish(TOPICS.state, '{}')).rejects.toMatchObject({ code: 'link.down' });
});

test('a topic that the policy forbids is refused by its code', async ({ connect }) => {
  const { link } = await connect();
  await expect(link.publish(deviceTopics('inklet-other').state, '{}')).rejects.toMatchObject({
    code: expect.stringMatching(/^link\./),
  });
});

test('an empty payload and a handler that throws leave it alive', async ({ core, connect }) => {
  const heard: number[] = [];
  const { link } = await connect((_topic, payload) => {
    heard.push(payload.byteLength);
    if (payload.byteLength === 3) throw new TypeError('no');
  });
  const { certPem: cert, keyPem: key } = await core.admin.createBackendCertificate();
  const backend = await connectAsync({
    ...{ protocol: 'mqtts', host: '127.0.0.1', port: core.port, protocolVersion: 5 },
    ...{ clientId: 'inklet-backend', ca: core.caPem, cert, key },
  });
  for (const payload of ['', 'bad', '{}']) await backend.publishAsync(TOPICS.command, payload, { qos: 1 });
  await backend.endAsync();
  await expect.poll(() => heard, WAIT).toEqual([0, 3, 2]);
  await link.publish(TOPICS.state, '{}');
});

test('a lost connection comes back and is counted', async ({ core, connect }) => {
  const { link } = await connect();
  core.admin.dropClient(THING);
  await expect.poll(() => link.state(), WAIT).toMatchObject({ connected: true, reconnects: 1 });
});

test('another holder of the identity is given way to, with a clear word', async ({ core, connect }) => {
  const { link, logged } = await connect();
  core.admin.dropClient(THING, SESSION_TAKEN_OVER);
  await expect.poll(() => logged.join(''), WAIT).toContain('another client connected with this identity');
  expect(link.state().connected).toBe(false);
});
