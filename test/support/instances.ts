import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { z } from 'zod';
import { asSystem, queryRows } from '../../cloud-api/database/database.js';
import { deviceTopics } from '../../contract/index.js';
import { built } from '../../device-sim/household/built.js';
import { RawClient } from '../../device-sim/iot-core/raw-client.js';
import { heartbeatOf } from './cloud-devices.js';
import type { OPEN_BROKERS } from './open-brokers.js';
import { openSeededDatabase, type SeededDatabase, seedHubs } from './seeded-database.js';

type Broker = (typeof OPEN_BROKERS)[number];
/** What happened in a round. */
type Outcome = { published: number; acknowledged: number; storedWhenKilled: number; stored: number };
type Instance = { child: ChildProcess; url: string };

const HUBS = 360;
const INSTANCES = 3;
const WAIT = { timeout: 60_000, interval: 100 };
const ReadySchema = z.object({ url: z.url() });
const RowSchema = z.object({ version: z.string() });

/**
 * Three processes of the cloud share the messages of a broker and one PostgreSQL; heartbeats stream in, each of another
 * hub and marked, while one process stands still and is then killed with what it had not stored. `comesBack`: under its
 * client id, as a supervisor does; else the broker gives what it had to the others.
 */
export async function killOneOfThree(broker: Broker, { comesBack }: { comesBack: boolean }): Promise<Outcome> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-instances-'));
  const database = await openSeededDatabase(undefined);
  if (database === undefined) throw new TypeError('no PostgreSQL on this machine');
  const { door, stop } = await broker.start();
  const site = { dir, door, database };
  const instances: Instance[] = [];
  try {
    const things = await seedHubs(database.db, 'm', HUBS);
    instances.push(
      ...(await Promise.all(Array.from({ length: INSTANCES }, (_, number) => startInstance(site, number)))),
    );
    const hubs = await RawClient.dial(door, door);
    await hubs.connect('inklet-hubs');
    const third = HUBS / 3;
    const victim = instances[0]?.child;
    let acknowledged = await speak(hubs, things, 0, third);
    victim?.kill('SIGSTOP');
    acknowledged += await speak(hubs, things, third, 2 * third);
    const storedWhenKilled = (await marks(database)).length;
    victim?.kill('SIGKILL');
    acknowledged += await speak(hubs, things, 2 * third, HUBS);
    if (comesBack) instances.push(await startInstance(site, 0));
    await expect.poll(async () => (await marks(database)).length, WAIT).toBe(HUBS);
    hubs.cut();
    return { published: HUBS, acknowledged, storedWhenKilled, stored: new Set(await marks(database)).size };
  } finally {
    await Promise.all(instances.map(({ child }) => end(child)));
    await stop();
    await database.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Each hub says one thing that only it says; gives how many of them the broker acknowledged. */
async function speak(hubs: RawClient, things: readonly string[], from: number, to: number): Promise<number> {
  let acknowledged = 0;
  for (let number = from; number < to; number += 1) {
    const payload = JSON.stringify({ ...heartbeatOf({ nowMs: 0 }), version: `mark-${number}` });
    const heard = await hubs.publish(deviceTopics(things[number] ?? '').heartbeat, payload);
    if (heard.cmd === 'puback' && (heard.reasonCode ?? 0) < 0x80) acknowledged += 1;
  }
  return acknowledged;
}

async function marks({ db }: SeededDatabase): Promise<string[]> {
  const query = sql`select version from hub where version like 'mark-%' and thing_name = 'inklet-m' || (substr(version, 6)::int + 1)`;
  return (await asSystem(db, (tx) => queryRows(tx, RowSchema, query))).map(({ version }) => version);
}

type Site = { dir: string; door: Awaited<ReturnType<Broker['start']>>['door']; database: SeededDatabase };

async function startInstance({ dir, door, database }: Site, number: number): Promise<Instance> {
  const files = { ca: door.caPem, cert: door.certPem, key: door.keyPem };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text, { mode: 0o600 });
  const env = {
    INKLET_DATA_DIR: path.join(dir, `instance-${number}`),
    INKLET_PORT: '0',
    INKLET_LOG_LEVEL: 'silent',
    INKLET_DATABASE_URL: database.url,
    INKLET_IOT_ENDPOINT: '127.0.0.1',
    INKLET_IOT_PORT: String(door.port),
    INKLET_IOT_CA_FILE: path.join(dir, 'ca'),
    INKLET_IOT_CERT_FILE: path.join(dir, 'cert'),
    INKLET_IOT_KEY_FILE: path.join(dir, 'key'),
    INKLET_IOT_CLIENT_ID: `inklet-backend-${number}`,
    INKLET_IOT_SHARED_GROUP: 'cloud',
  };
  const child = spawn(process.execPath, [built('cloud-api', 'main.js')], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url } = ReadySchema.parse(JSON.parse(String(line)));
  const ready = async (): Promise<unknown> => (await fetch(`${url}/readyz`)).json();
  await expect.poll(ready, WAIT).toMatchObject({ link: 'connected' });
  return { child, url };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
