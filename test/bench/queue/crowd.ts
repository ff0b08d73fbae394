import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { z } from 'zod';
import { asSystem, queryRows } from '../../../cloud-api/database/database.js';
import type { SyncRequest } from '../../../contract/index.js';
import { systemClock } from '../../../hardware/index.js';
import { HubError } from '../../../hub/errors.js';
import { exchange } from '../../../hub/sync/exchange.js';
import { openSeededDatabase, type SeededDatabase } from '../../support/seeded-database.js';
import { type Figure, megabytes, round } from '../figure.js';
import { startBenchCloud } from './bench-cloud.js';
import { doorTo, drain } from './bench-hub.js';
import { openBenchStore } from './bench-store.js';
import { madeEvent } from './payload.js';
import { produce } from './produce.js';

const EVENTS = 100_000;
const PRODUCERS = 500;
const HUBS = 1_000;
const EVENTS_A_HUB = EVENTS / HUBS;
const CountSchema = z.object({ rows: z.number() });

/** Weeks of one hub into PostgreSQL, and a thousand hubs that come back in the same moment. */
export async function benchCrowd(databaseUrl: string | undefined): Promise<Figure[]> {
  const database = await openSeededDatabase(databaseUrl);
  if (database === undefined) return [{ what: 'left out: no PostgreSQL on this machine' }];
  try {
    return [await oneHub(database), await manyHubs(database)];
  } finally {
    await database.stop();
  }
}

async function oneHub(database: SeededDatabase): Promise<Figure> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-drain-'));
  const cloud = await startBenchCloud(database, 1);
  const store = await openBenchStore(dir);
  try {
    await produce(store.outbox, PRODUCERS, EVENTS);
    const before = await countEvents(database);
    const [hub] = cloud.hubs;
    if (hub === undefined) throw new RangeError('no hub');
    const door = await doorTo(cloud.url, hub);
    const startMs = performance.now();
    const exchanges = await drain(store, door);
    const tookS = (performance.now() - startMs) / 1000;
    return {
      what: `the queue of one hub into ${database.engine}`,
      unit: 'events/s',
      events: EVENTS,
      arrived: (await countEvents(database)) - before,
      exchanges,
      tookS: round(tookS),
      perS: Math.round(EVENTS / tookS),
      cloudPeakMb: megabytes(await cloud.peakKib()),
    };
  } finally {
    store.database.close();
    await cloud.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function manyHubs(database: SeededDatabase): Promise<Figure> {
  const cloud = await startBenchCloud(database, HUBS);
  try {
    const before = await countEvents(database);
    const idleMb = megabytes(await cloud.rssKib());
    const doors = await Promise.all(cloud.hubs.map((hub) => doorTo(cloud.url, hub)));
    const startMs = performance.now();
    const refusals = await Promise.all(doors.map((door) => comeBack(door)));
    const tookS = (performance.now() - startMs) / 1000;
    return {
      what: `${HUBS} hubs that reconnect at once, ${EVENTS_A_HUB} events each, into ${database.engine}`,
      unit: 'events/s',
      events: EVENTS,
      arrived: (await countEvents(database)) - before,
      askedToWait: refusals.reduce((sum, count) => sum + count, 0),
      tookS: round(tookS),
      perS: Math.round(EVENTS / tookS),
      cloudIdleMb: idleMb,
      cloudPeakMb: megabytes(await cloud.peakKib()),
    };
  } finally {
    await cloud.stop();
  }
}

/** Sends what it has until it is taken, as a hub would that is asked to wait. Gives how often it was. */
async function comeBack(door: Awaited<ReturnType<typeof doorTo>>): Promise<number> {
  const request = firstRequest();
  for (let refused = 0; ; refused += 1) {
    try {
      const { acks } = await exchange(door, request, new AbortController().signal);
      if (acks[1] === EVENTS_A_HUB) return refused;
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'sync.busy') throw error;
      await systemClock.sleep(typeof error.details.retryMs === 'number' ? error.details.retryMs * Math.random() : 1000);
    }
  }
}

function firstRequest(): SyncRequest {
  const boot = v7();
  const wall = new Date().toISOString();
  const events = Array.from({ length: EVENTS_A_HUB }, (_, number) => {
    const { type, body } = madeEvent(number);
    return { type, tv: 1, boot, mono: number, wall, wq: 2 as const, body };
  });
  return {
    ...{ v: 1, epoch: v7().replaceAll('-', ''), boot, monoNow: EVENTS_A_HUB, wallNow: wall, wq: 2, after: {} },
    logs: [{ lane: 1, first: 1, lastId: v7(), events }],
    ...{ regs: [], gaps: [], downGen: null, downAcked: 0, freeBytes: null, want: { down: 100 } },
  };
}

async function countEvents({ db }: SeededDatabase): Promise<number> {
  const [row] = await asSystem(db, (tx) => queryRows(tx, CountSchema, sql`select count(*)::int as rows from event`));
  return row?.rows ?? 0;
}
