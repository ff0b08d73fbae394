import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { asSystem, queryRows } from '../../../cloud-api/database/database.js';
import { readGeneration } from '../../../cloud-api/database/generation.js';
import { startCloudInstance } from '../../support/cloud-instance.js';
import type { OpenBroker } from '../../support/open-brokers.js';
import { type SeededDatabase, seedHubs } from '../../support/seeded-database.js';
import { type Figure, quantile } from '../figure.js';
import { HubCrowd } from './hub-crowd.js';

const HUBS = 100;
const SERIAL = 400;
const CROWDS = 12;
const WARM_UP_SERIAL = 60;
const WARM_UP_CROWDS = 4;
const AIM_SERIAL_P99_MS = 5;
const AIM_CROWD_P99_MS = 60;

const SessionSchema = z.object({ accessToken: z.string(), household: z.object({ id: z.string() }) });
const DisplaySchema = z.object({ id: z.string() });
const QueuedSchema = z.object({ cmdId: z.string() });

/** From the POST until the command is committed here, on its hub's disk and acknowledged there, and the POST answered. */
export async function benchCommands(broker: OpenBroker, database: SeededDatabase): Promise<Figure[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-commands-'));
  const place = { dir: path.join(dir, 'cloud'), door: broker.door, databaseUrl: database.url };
  const cloud = await startCloudInstance({ ...place, clientId: 'inklet-backend' });
  const { accessToken, household } = await signUp(cloud.url);
  const things = await seedHubs(database.db, `c${Math.floor(performance.now())}-`, HUBS);
  const displays = await settle(database, household.id, things);
  const gen = await asSystem(database.db, readGeneration);
  const crowd = await HubCrowd.start({ door: broker.door, things, gen, dir: path.join(dir, 'hubs') });
  const command = (displayId: string) => timed(cloud.url, accessToken, displayId, crowd);
  try {
    const serial: number[] = [];
    for (let number = 0; number < WARM_UP_SERIAL + SERIAL; number += 1) {
      serial.push(await command(displays[number % displays.length] ?? ''));
    }
    const crowded: number[] = [];
    for (let round = 0; round < WARM_UP_CROWDS + CROWDS; round += 1) {
      const times = await Promise.all(displays.map(command));
      if (round >= WARM_UP_CROWDS) crowded.push(...times);
    }
    const what = 'command POST to the acknowledgement of its hub, committed at both ends';
    const over = { over: broker.name, database: database.engine, unit: 'ms' };
    return [
      {
        what: `${what}, one after the other`,
        ...over,
        ...spread(serial.slice(WARM_UP_SERIAL)),
        aimP99: AIM_SERIAL_P99_MS,
      },
      { what: `${what}, ${HUBS} at once`, ...over, ...spread(crowded), aimP99: AIM_CROWD_P99_MS },
    ];
  } finally {
    await crowd.stop();
    await cloud.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function timed(cloudUrl: string, token: string, displayId: string, crowd: HubCrowd): Promise<number> {
  const startMs = performance.timeOrigin + performance.now();
  const reply = await fetch(`${cloudUrl}/api/v1/displays/${displayId}/identify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const { cmdId } = QueuedSchema.parse(await reply.json());
  const answeredMs = performance.timeOrigin + performance.now();
  return Math.max(answeredMs, await crowd.acknowledged(cmdId)) - startMs;
}

async function signUp(cloudUrl: string): Promise<z.infer<typeof SessionSchema>> {
  const email = `bench-${Math.floor(performance.timeOrigin)}@example.org`;
  const person = { email, password: 'correct horse battery', householdName: 'The Larks' };
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${cloudUrl}/auth/sign-up`, { method: 'POST', body: JSON.stringify(person), headers });
  return SessionSchema.parse(await reply.json());
}

/** Gives each hub a display, and all of them to the household. */
function settle({ db }: SeededDatabase, householdId: string, things: readonly string[]): Promise<string[]> {
  const names = sql`thing_name = any(${sql.param([...things])}::text[])`;
  return asSystem(db, async (tx) => {
    await tx.execute(sql`update hub set household_id = ${householdId}, bound_at = now() where ${names}`);
    const rows = await queryRows(
      tx,
      DisplaySchema,
      sql`insert into display (id, household_id, hub_id, name, kind, panel, width, height, inks, bound_at)
        select gen_random_uuid(), household_id, id, 'Kitchen', 'wired', '7in5_V2', 800, 480, '{black,white}', now()
        from hub where ${names} returning id`,
    );
    return rows.map(({ id }) => id);
  });
}

function spread(samples: readonly number[]): Figure {
  return { samples: samples.length, p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) };
}
