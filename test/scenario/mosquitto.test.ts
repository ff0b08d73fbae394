import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { BackendLink } from '../../cloud-api/link/backend-link.js';
import { Metrics } from '../../cloud-api/metrics.js';
import { CommandSchema, deviceTopics } from '../../contract/index.js';
import { startIotCore } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { connected, hubLink, MQTT_CLIENTS, THING } from '../support/hub-links.js';
import { mosquittoPrograms, startMosquitto } from '../support/mosquitto.js';

const TOPICS = deviceTopics(THING);
const WAIT = { timeout: 15_000, interval: 20 };
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const COMMAND = CommandSchema.parse({
  ...{ v: 1, gen: '1', cmdId: ID, downSeq: 1, slot: 'system', rev: 1, kind: 'reboot', body: {} },
  ...{ issuedAt: '2026-03-01T07:00:00.000Z', deadlineAt: null, remainingMs: null },
});
const log = pino({ level: 'silent' });

const CASES = mosquittoPrograms().flatMap((program) => MQTT_CLIENTS.map((mqttClient) => ({ program, mqttClient })));

describe.for(CASES)('on a broker that is not ours ($program), by $mqttClient', ({ program, mqttClient }) => {
  const test = it
    .extend('parties', async ({ task }, { onCleanup }) => {
      const dir = await mkdtemp(path.join(tmpdir(), `inklet-mosquitto-${task.id}-`));
      const core = await startIotCore({ dir, host: '127.0.0.1', port: 0, clock: systemClock });
      const hub = await core.admin.createCertificate(THING, ['inklet-device']);
      const cloud = await core.admin.createBackendCertificate();
      const { caPem } = core;
      await core.stop();
      onCleanup(() => rm(dir, { recursive: true, force: true }));
      return { dir, caPem, hub, cloud };
    })
    .extend('broker', async ({ parties }, { onCleanup }) => {
      const { dir, caPem, hub } = parties;
      const broker = await startMosquitto(program, dir, { caPem, ...hub });
      onCleanup(() => broker.stop());
      return broker;
    })
    .extend('hubLink', async ({ parties, broker }, { onCleanup }) => {
      const heard: string[] = [];
      const { link } = hubLink({
        broker: { port: broker.port, caPem: parties.caPem },
        pair: parties.hub,
        mqttClient,
        onMessage: ({ payload }) => void heard.push(payload.toString()),
      });
      onCleanup(() => link.stop());
      await connected(link);
      return { link, heard };
    })
    .extend('cloudLink', async ({ parties, broker }, { onCleanup }) => {
      const heard: string[] = [];
      const { caPem, cloud } = parties;
      const settings = { host: '127.0.0.1', port: broker.port, clientId: 'inklet-backend', sharedGroup: 'cloud' };
      const files = { ca: Buffer.from(caPem), cert: Buffer.from(cloud.certPem), key: Buffer.from(cloud.keyPem) };
      const link = new BackendLink({ ...settings, ...files }, { log, clock: systemClock, metrics: new Metrics() });
      onCleanup(() => link.stop());
      const handle = async (topic: string, payload: Uint8Array) => {
        heard.push(`${topic} ${Buffer.from(payload).toString()}`);
      };
      link.start({ handle, onPublished: () => undefined });
      await expect.poll(() => link.state, WAIT).toBe('connected');
      return { link, heard };
    });

  test('hub and cloud hear each other as on AWS IoT Core', async ({ hubLink, cloudLink }) => {
    await hubLink.link.publish(TOPICS.state, '{"from":"hub"}');
    await expect.poll(() => cloudLink.heard, WAIT).toContain(`${TOPICS.state} {"from":"hub"}`);
    cloudLink.link.publish(THING, COMMAND);
    await expect
      .poll(() => hubLink.heard.map((json) => CommandSchema.parse(JSON.parse(json))), WAIT)
      .toEqual([COMMAND]);
  });
});
