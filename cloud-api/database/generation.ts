import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { type Database, queryRows, type Tx } from './database.js';

const GenSchema = z.object({ gen: z.string() });
const DIGITS = 15;
/** A hub that lies about what it has must not make the others tell everything anew all the time. */
const RENEW_EVERY_MS = 10 * 60_000;

/** The incarnation of this store, which rises as text after each restore. Source: sync protocol, section 3 rule 6. */
export async function readGeneration(tx: Tx): Promise<string> {
  const [row] = await queryRows(tx, GenSchema, sql`select gen from store where id = 1`);
  return GenSchema.parse(row).gen;
}

/** Gives a new store its first incarnation. */
export async function ensureGeneration(db: Database, clock: Clock): Promise<void> {
  const gen = generationAfter(undefined, clock);
  await db.inRole('app_system', null, (tx) =>
    tx.execute(sql`insert into store (id, gen) values (1, ${gen}) on conflict do nothing`),
  );
}

/** Gives a restored store a new incarnation: higher than any that it may have lost. */
export async function renewGeneration(db: Database, clock: Clock): Promise<string> {
  const gen = await db.inRole('app_system', null, readGeneration);
  const next = generationAfter(gen, clock);
  await db.inRole('app_system', null, (tx) => writeGeneration(tx, next));
  return next;
}

/** The same where it comes to light in a transaction, unless it just got one: then that is the answer. */
export async function renewGenerationIn(tx: Tx, clock: Clock): Promise<string> {
  const [row] = await queryRows(tx, GenSchema, sql`select gen from store where id = 1 for update`);
  const { gen } = GenSchema.parse(row);
  if (clock.now() - madeAtMs(gen) < RENEW_EVERY_MS) return gen;
  const next = generationAfter(gen, clock);
  await writeGeneration(tx, next);
  return next;
}

async function writeGeneration(tx: Tx, gen: string): Promise<void> {
  await tx.execute(sql`update store set gen = ${gen} where id = 1`);
}

function madeAtMs(gen: string): number {
  return Number(gen.slice(0, DIGITS));
}

// The time makes it higher than incarnations whose rows were lost with the store, the random part tells two apart.
function generationAfter(gen: string | undefined, clock: Clock): string {
  const counter = Math.max(clock.now(), gen === undefined ? 0 : madeAtMs(gen) + 1);
  return `${String(counter).padStart(DIGITS, '0')}-${randomBytes(4).toString('hex')}`;
}
