import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isNotNull } from 'drizzle-orm';
import pino from 'pino';
import { v7 } from 'uuid';
import { test as base, expect } from 'vitest';
import { hub } from '../../cloud-api/device/tables.js';
import { systemClock as cloudClock, readConfig, startCloud } from '../../cloud-api/index.js';
import { BackendLink, type UpHandler } from '../../cloud-api/link/backend-link.js';
import { startLink } from '../../cloud-api/link/start-link.js';
import { takeUpMessage } from '../../cloud-api/link/up-messages.js';
import { Metrics } from '../../cloud-api/metrics.js';
import { deviceTopics, type Heartbeat } from '../../contract/index.js';
import { type IotCore, startIotCore } from '../../device-sim/iot-core/iot-core.js';
import { RawClient } from '../../device-sim/iot-core/raw-client.js';
import { DEVICE_POLICY } from '../../device-sim/iot-core/shipped-policies.js';
import { systemClock } from '../../hardware/index.js';
import { TestCloud } from '../support/cloud.js';
import { layTemplate, testEngines } from '../support/cloud-databases.js';

const WAIT = { timeout: 15_000, interval: 20 };

/** A broker, the cloud's link to it, and hubs that speak raw MQTT. */
class Wire {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'inklet-cloud-link-'));
  readonly logged: string[] = [];
  readonly metrics = new Metrics();
  #core: IotCore | undefined;
  readonly #links: BackendLink[] = [];
  readonly #devices: RawClient[] = [];

  get core(): IotCore {
    if (this.#core === undefined) throw new TypeError('the broker is away');
    return this.#core;
  }

  async startBroker(port = 0): Promise<IotCore> {
    this.#core = await startIotCore({ dir: this.dir, host: '127.0.0.1', port, clock: systemClock });
    return this.#core;
  }

  /** A link that is not started yet; it needs the broker's authority, not the broker. */
  async link(): Promise<BackendLink> {
    const { port, caPem, admin } = this.core;
    const { certPem, keyPem } = await admin.createBackendCertificate();
    const log = pino({ level: 'debug' }, { write: (line: string) => this.logged.push(line) });
    const settings = { host: '127.0.0.1', port, clientId: 'inklet-backend', sharedGroup: undefined };
    const files = { ca: Buffer.from(caPem), cert: Buffer.from(certPem), key: Buffer.from(keyPem) };
    const clock = { now: () => 0, sleep: async () => {} };
    const link = new BackendLink({ ...settings, ...files }, { log, clock, metrics: this.metrics });
    this.#links.push(link);
    return link;
  }

  async device(thingName: string): Promise<RawClient> {
    const credentials = await this.core.admin.createCertificate(thingName, [DEVICE_POLICY]);
    this.core.admin.attachThing(thingName, credentials.certificateId);
    const client = await RawClient.dial(this.core, credentials);
    await client.connect(thingName);
    this.#devices.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const device of this.#devices) device.cut();
    for (const link of this.#links) await link.stop();
    await this.#core?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const test = base.extend<{ wire: Wire }>({
  wire: async ({ task: _ }, use) => {
    const wire = new Wire();
    await use(wire);
    await wire.close();
  },
});

const connected = (link: BackendLink) => expect.poll(() => link.state, WAIT).toBe('connected');

function publish(device: RawClient, topic: string, payload: string, messageId: number): void {
  device.send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
}

function heartbeat(change: Partial<Heartbeat> = {}): string {
  const at = new Date(0).toISOString();
  const message: Heartbeat = {
    v: 1,
    at,
    bootId: v7(),
    uptimeS: 1,
    version: '1.0.0',
    queueDepth: 0,
    rssBytes: 1,
    temperatureC: null,
    link: { connectedSince: at, reconnects: 0 },
    nextHeartbeatS: 60,
    ...change,
  };
  return JSON.stringify(message);
}

test('what a hub says over MQTT is stored under the thing of its topic, and what nobody can read is passed over', async ({
  wire,
}) => {
  const [engine] = testEngines();
  if (engine === undefined) throw new TypeError('no database');
  await wire.startBroker();
  const link = await wire.link();
  const cloud = await TestCloud.start(engine, { publisher: link });
  try {
    const { hubs, claimCodes } = cloud.services;
    const parts = { hubs, claimCodes, log: cloud.context.log, metrics: wire.metrics };
    link.start({
      handle: (topic, payload) => takeUpMessage(parts, topic, payload),
      onPublished: () => {},
      onConnected: () => {},
    });
    await connected(link);
    const { thingName } = await cloud.provision();
    const device = await wire.device(thingName);
    const topics = deviceTopics(thingName);
    publish(device, topics.heartbeat, '{"secret of the household', 1);
    publish(device, topics.state, '', 2);
    const other = await cloud.provision();
    const zero = heartbeat({ version: 'zero \u0000' });
    publish(await wire.device(other.thingName), deviceTopics(other.thingName).heartbeat, zero, 3);
    publish(device, `inklet/dev/${thingName}/up/gossip`, '{}', 4);
    publish(device, topics.heartbeat, heartbeat({ version: '1.2.3' }), 5);
    publish(device, topics.requestClaim, JSON.stringify({ v: 1, requestId: v7() }), 6);
    await expect
      .poll(() => wire.metrics.render(), WAIT)
      .toContain('inklet_link_messages_total{kind="request_claim"} 1');
    await expect.poll(() => wire.metrics.render(), WAIT).toContain('inklet_link_poison_total 4');
    const rows = () =>
      cloud.context.db.inRole('app_system', null, (tx) =>
        tx
          .select({ version: hub.version, nextHeartbeatS: hub.nextHeartbeatS })
          .from(hub)
          .where(isNotNull(hub.heartbeat)),
      );
    await expect.poll(rows, WAIT).toEqual([{ version: '1.2.3', nextHeartbeatS: 60 }]);
    expect(cloud.logged.join('')).not.toContain('secret of the household');
  } finally {
    await cloud.close();
  }
});

test('a message that cannot be stored stays with the broker and comes again', async ({ wire }) => {
  await wire.startBroker();
  const link = await wire.link();
  let isDatabaseAway = true;
  let tries = 0;
  const stored: string[] = [];
  const handle: UpHandler = async (_topic, payload) => {
    tries += 1;
    if (isDatabaseAway) throw new TypeError('the database is away');
    stored.push(payload.toString());
  };
  link.start({ handle, onPublished: () => {} });
  await connected(link);
  const device = await wire.device('inklet-aaaaaaaaaaaaaaaa');
  publish(device, deviceTopics('inklet-aaaaaaaaaaaaaaaa').heartbeat, 'kept', 1);
  await expect.poll(() => tries, WAIT).toBeGreaterThanOrEqual(2);
  isDatabaseAway = false;
  await expect.poll(() => stored, WAIT).toEqual(['kept']);
  publish(device, deviceTopics('inklet-aaaaaaaaaaaaaaaa').heartbeat, 'next', 2);
  await expect.poll(() => stored, WAIT).toEqual(['kept', 'next']);
});

test('the link comes up with the broker, and again after it was away', async ({ wire }) => {
  const { port } = await wire.startBroker();
  const link = await wire.link();
  await wire.core.stop();
  link.start({ handle: async () => {}, onPublished: () => {} });
  expect(link.state).toBe('away');
  await wire.startBroker(port);
  await connected(link);
  await wire.core.stop();
  await expect.poll(() => link.state, WAIT).toBe('away');
  await wire.startBroker(port);
  await connected(link);
  const states = wire.logged.filter(
    (line) => line.includes('the broker is away') || line.includes('connected to the broker'),
  );
  expect(states).toHaveLength(3);
});

test('a command that was made while the broker was away is hinted at as soon as it is back', async ({ wire }) => {
  const [engine] = testEngines();
  if (engine === undefined) throw new TypeError('no database');
  const { port } = await wire.startBroker();
  const link = await wire.link();
  const cloud = await TestCloud.start(engine, { publisher: link });
  try {
    const { services } = cloud;
    const { thingName } = await cloud.provision();
    await cloud.provision();
    await wire.core.stop();
    await services.claimCodes.request(thingName, v7());
    startLink(link, services);
    await wire.startBroker(port);
    const heard: [string, string][] = [];
    wire.core.admin.tap(({ topic, payload }) => heard.push([topic, Buffer.from(payload).toString()]));
    await expect.poll(() => heard, WAIT).toEqual([[deviceTopics(thingName).command, '{"v":1,"hint":"sync"}']]);
    await link.stop();
  } finally {
    await cloud.close();
  }
});

test('a command goes to its hub alone, and one too large for MQTT as a hint to sync', async ({ wire }) => {
  await wire.startBroker();
  const link = await wire.link();
  const published: string[] = [];
  link.start({ handle: async () => {}, onPublished: (cmdId) => published.push(cmdId) });
  await connected(link);
  const thingName = 'inklet-aaaaaaaaaaaaaaaa';
  const topic = deviceTopics(thingName).command;
  const heard: { topic: string; payload: string }[] = [];
  wire.core.admin.tap(({ topic: on, payload }) => heard.push({ topic: on, payload: Buffer.from(payload).toString() }));
  const command = {
    v: 1,
    gen: 'g',
    cmdId: v7(),
    downSeq: 1,
    slot: 'claim',
    rev: 1,
    issuedAt: new Date(0).toISOString(),
    deadlineAt: null,
    remainingMs: null,
  } as const;
  const small = { ...command, kind: 'bound', body: { householdId: v7(), householdName: 'Larks' } } as const;
  link.publish(thingName, small);
  await expect.poll(() => published, WAIT).toEqual([command.cmdId]);
  link.publish(thingName, { ...small, body: { householdId: v7(), householdName: 'L'.repeat(130 * 1024) } });
  await expect.poll(() => heard.length, WAIT).toBe(2);
  expect(heard).toEqual([
    { topic, payload: JSON.stringify(small) },
    { topic, payload: '{"v":1,"hint":"sync"}' },
  ]);
});

test('the service as a whole comes up with its link and lets go of it', async ({ wire }) => {
  const { port, caFile, admin } = await wire.startBroker();
  const { certPem, keyPem } = await admin.createBackendCertificate();
  const [cert, key] = ['backend.pem', 'backend.key'].map((name) => path.join(wire.dir, name));
  writeFileSync(cert ?? '', certPem);
  writeFileSync(key ?? '', keyPem);
  const dataDir = path.join(wire.dir, 'cloud');
  await layTemplate(dataDir);
  const config = readConfig({
    INKLET_PORT: '0',
    INKLET_DATA_DIR: dataDir,
    INKLET_IOT_ENDPOINT: '127.0.0.1',
    INKLET_IOT_PORT: String(port),
    INKLET_IOT_CA_FILE: caFile,
    INKLET_IOT_CERT_FILE: cert,
    INKLET_IOT_KEY_FILE: key,
  });
  const cloud = await startCloud(config, { log: pino({ level: 'silent' }), clock: cloudClock, pid: process.pid });
  const ready = async (): Promise<unknown> => (await fetch(`${cloud.url}/readyz`)).json();
  await expect.poll(ready, WAIT).toEqual({ ready: true, database: true, link: 'connected' });
  expect(admin.clients()).toMatchObject([
    { clientId: 'inklet-backend', subscriptions: [{ filter: 'inklet/dev/+/up/#', qos: 1 }] },
  ]);
  await wire.core.stop();
  await expect.poll(ready, WAIT).toEqual({ ready: true, database: true, link: 'away' });
  await Promise.all([cloud.stop(), cloud.stop()]);
});
