import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { deviceTopics } from '../../contract/index.js';
import { startIotCore } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import type { MqttHandler } from '../../provisioning/index.js';
import { connected, hubLink, MQTT_CLIENTS, THING } from '../support/hub-links.js';

const TOPICS = deviceTopics(THING);
const ECHO = `$aws/things/${THING}/jobs/notify-next`;
const SESSION_TAKEN_OVER = 0x8e;
const WAIT = { timeout: 15_000, interval: 20 };

describe.for(MQTT_CLIENTS)("the hub's link over %s", (mqttClient) => {
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
    .extend('newPair', ({ core }) => async () => {
      const pair = await core.admin.createCertificate(THING, ['inklet-device']);
      core.admin.attachThing(THING, pair.certificateId);
      return pair;
    })
    .extend('connect', async ({ core, newPair }, { onCleanup }) => {
      const pair = await newPair();
      return async (onMessage: MqttHandler = () => undefined) => {
        const { link, logged } = hubLink({ broker: core, pair, mqttClient, onMessage, random: () => 0.1 });
        onCleanup(() => link.stop());
        await connected(link);
        return { link, logged, pair };
      };
    })
    .extend('say', async ({ core }, { onCleanup }) => {
      const { certPem: cert, keyPem: key } = await core.admin.createBackendCertificate();
      const backend = await connectAsync({
        ...{ protocol: 'mqtts', host: '127.0.0.1', port: core.port, protocolVersion: 5 },
        ...{ clientId: 'inklet-backend', ca: core.caPem, cert, key },
      });
      onCleanup(() => backend.endAsync());
      return async (payload: string) => void (await backend.publishAsync(TOPICS.command, payload, { qos: 1 }));
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
    await expect(link.subscribe([ECHO], () => undefined)).rejects.toMatchObject({ code: 'link.down' });
  });

  test('a topic that the policy forbids is refused by its code', async ({ connect }) => {
    const { link } = await connect();
    const other = deviceTopics('inklet-other');
    await expect(link.publish(other.state, '{}')).rejects.toMatchObject({ code: 'link.refused' });
    await expect(link.subscribe([other.command], () => undefined)).rejects.toMatchObject({ code: 'link.refused' });
    expect(link.state()).toMatchObject({ connected: true, reconnects: 0 });
  });

  test('a broker that hangs up on what a policy forbids is survived', async ({ core, connect }) => {
    const { link } = await connect();
    core.admin.setOnDenied('disconnect');
    const forbidden = deviceTopics('inklet-other').state;
    await expect(link.publish(forbidden, '{}')).rejects.toMatchObject({ code: 'link.down' });
    await expect.poll(() => link.state(), WAIT).toMatchObject({ connected: true, reconnects: 1 });
    await link.publish(TOPICS.state, '{}');
  });

  test('an empty payload and a handler that throws leave it alive', async ({ connect, say }) => {
    const heard: number[] = [];
    const { link, logged } = await connect(({ payload }) => {
      heard.push(payload.byteLength);
      if (payload.byteLength === 3) throw new TypeError('no');
    });
    for (const payload of ['', 'bad', '{}']) await say(payload);
    await expect.poll(() => heard, WAIT).toEqual([0, 3, 2]);
    await link.publish(TOPICS.state, '{}');
    expect(logged.join('')).toContain('message not handled');
  });

  test('a lost connection comes back, is counted, and hears what it heard before', async ({
    core,
    connect,
    newPair,
  }) => {
    const { link } = await connect();
    const heard: string[] = [];
    await link.subscribe([ECHO], ({ topic }) => void heard.push(topic));
    core.admin.dropClient(THING);
    await expect.poll(() => link.state(), WAIT).toMatchObject({ connected: true, reconnects: 1 });
    core.admin.jobs.create({ jobId: 'one', document: { op: 'none' }, targets: [THING] });
    await expect.poll(() => heard, WAIT).toEqual([ECHO]);
    expect(await newPair()).toBeDefined();
  });

  test.for(['reason-code', 'disconnect'] as const)(
    'a topic that is forbidden by now, told by %s, costs no other',
    async (onDenied, { core, connect, say }) => {
      const heard: string[] = [];
      const { link } = await connect(({ payload }) => void heard.push(payload.toString()));
      await link.subscribe([ECHO], () => undefined);
      core.admin.putPolicy('inklet-device', {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
          { Effect: 'Allow', Action: ['iot:Subscribe', 'iot:Receive'], Resource: `*${TOPICS.command}` },
        ],
      });
      core.admin.setOnDenied(onDenied);
      core.admin.dropClient(THING);
      await expect.poll(() => link.state().reconnects, WAIT).toBeGreaterThan(0);
      await expect.poll(() => link.state().connected, WAIT).toBe(true);
      await say('still heard');
      await expect.poll(() => heard, WAIT).toContain('still heard');
    },
  );

  test('another holder of the identity is given way to, with a clear word', async ({ core, connect }) => {
    const { link, logged } = await connect();
    core.admin.dropClient(THING, SESSION_TAKEN_OVER);
    await expect.poll(() => logged.join(''), WAIT).toContain('another client connected with this identity');
    expect(link.state()).toMatchObject({ connected: false, takeOvers: 1, problem: { code: 'link.taken-over' } });
  });

  test('a certificate that is revoked is told by its code, and asked for again when it is good', async ({
    core,
    connect,
  }) => {
    const { link, pair } = await connect();
    core.admin.setCertificateStatus(pair.certificateId, 'REVOKED');
    await expect.poll(() => link.state().problem, WAIT).toMatchObject({ code: 'link.refused' });
    core.admin.setCertificateStatus(pair.certificateId, 'ACTIVE');
    await expect.poll(() => link.state(), WAIT).toMatchObject({ connected: true, problem: undefined });
  });

  test('it goes on with another pair that is let in, and keeps that one', async ({ core, connect, newPair, say }) => {
    const heard: string[] = [];
    const { link } = await connect(({ payload }) => void heard.push(payload.toString()));
    const next = await newPair();
    const at = () => core.admin.clients().find(({ clientId }) => clientId === THING)?.certificateId;
    expect(await link.reconnectWith(next, 5000)).toEqual({ ok: true });
    expect(at()).toBe(next.certificateId);
    await say('still heard');
    await expect.poll(() => heard, WAIT).toEqual(['still heard']);
    core.admin.dropClient(THING);
    await expect.poll(() => link.state(), WAIT).toMatchObject({ connected: true, reconnects: 2 });
    expect(at()).toBe(next.certificateId);
  });

  test('it goes back to its pair when the other is not let in, or hears nothing', async ({
    core,
    connect,
    newPair,
  }) => {
    const { link, pair } = await connect();
    const revoked = await newPair();
    core.admin.setCertificateStatus(revoked.certificateId, 'REVOKED');
    expect(await link.reconnectWith(revoked, 300)).toMatchObject({ ok: false, code: 'link.refused' });
    core.admin.putPolicy('mute', {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }],
    });
    const mute = await core.admin.createCertificate(THING, ['mute']);
    expect(await link.reconnectWith(mute, 300)).toMatchObject({ ok: false, code: 'link.not-allowed' });
    const broken = { certPem: 'no', keyPem: 'no' };
    expect(await link.reconnectWith(broken, 60_000)).toMatchObject({ ok: false, code: 'link.bad-credentials' });
    await expect.poll(() => link.state().connected, WAIT).toBe(true);
    expect(core.admin.clients()).toMatchObject([{ certificateId: pair.certificateId }]);
  });
});
