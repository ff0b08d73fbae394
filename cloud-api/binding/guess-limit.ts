import { eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { CloudContext } from '../context.js';
import { asSystem, queryRows, type Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { addressBlock } from './address-block.js';
import { CODES } from './claim-code.js';
import { countLiveCodes } from './claim-state.js';
import { claimPace, claimTry } from './tables.js';

/** Who tries, and from where. */
export type Guesser = { accountId: string; address: string };

/** What is tried: a code of the glass, a name plate's tap, a tag's own proof, a receipt of a hub. */
export type GuessKind = (typeof claimTry.$inferSelect)['kind'];

/** How one try ended; `wrong` is counted, and thrown once that has committed. */
export type Guess<T> = { found: T } | { wrong: CloudError };

type Most = { account: number; block: number; day: number; world: number };
type Counts = z.infer<typeof CountsSchema>;

const MINUTE_MS = 60_000;
const CODE_LIFE_MS = 10 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * The most tries that are wrong: of an account and of an address block in the life of one code, of an account in a day, of the
 * world in an hour. A receipt has 256 bits and is guessed by nobody: who shows one too early is not to be shut out for it.
 */
const MOST: Record<GuessKind, Most> = {
  code: { account: 5, block: 20, day: 10, world: 1000 },
  tap: { account: 10, block: 30, day: 50, world: 10_000 },
  sun: { account: 10, block: 30, day: 50, world: 10_000 },
  receipt: { account: 10, block: 30, day: 50, world: 10_000 },
};
/** All that the world may try in an hour finds fewer codes than this, however many are good. */
const HITS_PER_HOUR = 1e-4;

/** RFC 8628 section 3.5: the interval between two tries, and by how much it grows for who does not keep it. */
const INTERVAL_S = 5;
const SLOWER_S = 5;
/** A child that hammers on the button must not shut the family out: the other limits hold all the same. */
const LONGEST_INTERVAL_S = 60;
/** The number of the lock under which tries are counted one after the other, in all instances. */
const TRIES_LOCK = 7_206_451;

const MomentSchema = z.coerce.date().nullable();
const CountsSchema = z.object({
  account: z.coerce.number(),
  accountFrom: MomentSchema,
  block: z.coerce.number(),
  blockFrom: MomentSchema,
  day: z.coerce.number(),
  dayFrom: MomentSchema,
  world: z.coerce.number(),
  worldFrom: MomentSchema,
});

/** Counts wrong tries in the database, so that the limits hold over restarts, and for tries that run beside each other. */
export class GuessLimit {
  readonly #context: Pick<CloudContext, 'db' | 'clock' | 'newId' | 'log'>;

  constructor(context: Pick<CloudContext, 'db' | 'clock' | 'newId' | 'log'>) {
    this.#context = context;
  }

  /**
   * One try in one transaction, which no other try runs beside; a wrong one is counted in it.
   * @throws CloudError `rate_limited`, `slow_down`, and what the guess says of a wrong one
   */
  async attempt<T>(kind: GuessKind, guesser: Guesser, guess: (tx: Tx) => Promise<Guess<T>>): Promise<T> {
    const outcome = await asSystem(this.#context.db, async (tx): Promise<Guess<T>> => {
      await tx.execute(sql`select pg_advisory_xact_lock(${TRIES_LOCK})`);
      const refusal = (await this.#tooMany(tx, kind, guesser)) ?? (await this.#tooFast(tx, kind, guesser));
      if (refusal !== undefined) return { wrong: refusal };
      const made = await guess(tx);
      if ('wrong' in made) await this.#noteWrong(tx, kind, guesser);
      else if (kind === 'code') await tx.delete(claimPace).where(eq(claimPace.accountId, guesser.accountId));
      return made;
    });
    if ('wrong' in outcome) throw outcome.wrong;
    return outcome.found;
  }

  /** The same for what is counted however it ends, and never too fast. @throws CloudError `rate_limited` */
  async spend(kind: GuessKind, guesser: Guesser, work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.attempt(kind, guesser, async (tx) => {
      await this.#noteWrong(tx, kind, guesser);
      await work(tx);
      return { found: undefined };
    });
  }

  async #tooMany(tx: Tx, kind: GuessKind, guesser: Guesser): Promise<CloudError | undefined> {
    const nowMs = this.#context.clock.now();
    const counts = await countTries(tx, kind, guesser, nowMs);
    const most = kind === 'code' ? await mostCodes(tx, nowMs) : MOST[kind];
    const full: [keyof Most, number, Date | null][] = [
      ['account', CODE_LIFE_MS, counts.accountFrom],
      ['block', CODE_LIFE_MS, counts.blockFrom],
      ['day', DAY_MS, counts.dayFrom],
      ['world', HOUR_MS, counts.worldFrom],
    ];
    const waits = full.flatMap(([scope, windowMs, from]) =>
      counts[scope] >= most[scope] ? [(from?.getTime() ?? nowMs) + windowMs - nowMs] : [],
    );
    if (waits.length === 0) return undefined;
    if (counts.world >= most.world) this.#context.log.warn({ kind }, 'wrong tries of all accounts reached their limit');
    const message = 'Too many wrong tries; try again later.';
    return new CloudError('rate_limited', message, { retryAfterS: Math.max(1, Math.ceil(Math.max(...waits) / 1000)) });
  }

  async #tooFast(tx: Tx, kind: GuessKind, { accountId }: Guesser): Promise<CloudError | undefined> {
    if (kind !== 'code') return undefined;
    const nowMs = this.#context.clock.now();
    const [pace] = await tx.select().from(claimPace).where(eq(claimPace.accountId, accountId));
    if (pace === undefined || pace.nextAt.getTime() <= nowMs) return undefined;
    const intervalS = Math.min(pace.intervalS + SLOWER_S, LONGEST_INTERVAL_S);
    await setPace(tx, accountId, intervalS, nowMs);
    const message = `Too fast: wait ${intervalS} seconds between two tries.`;
    return new CloudError('slow_down', message, { retryAfterS: intervalS, intervalS });
  }

  async #noteWrong(tx: Tx, kind: GuessKind, { accountId, address }: Guesser): Promise<void> {
    const { clock, newId } = this.#context;
    const at = new Date(clock.now());
    await tx.insert(claimTry).values({ id: newId(), at, kind, accountId, addressBlock: addressBlock(address) });
    if (kind !== 'code') return;
    const [pace] = await tx.select().from(claimPace).where(eq(claimPace.accountId, accountId));
    const isFresh = pace === undefined || pace.nextAt.getTime() + CODE_LIFE_MS <= at.getTime();
    await setPace(tx, accountId, isFresh ? INTERVAL_S : pace.intervalS, at.getTime());
  }
}

/** Removes tries that count no more, and the pace of accounts that have been quiet. */
export async function forgetTries(tx: Tx, now: Date): Promise<number> {
  const before = new Date(now.getTime() - DAY_MS);
  const tries = await tx.delete(claimTry).where(lt(claimTry.at, before)).returning({ id: claimTry.id });
  const paces = await tx.delete(claimPace).where(lt(claimPace.nextAt, before)).returning({ id: claimPace.accountId });
  return tries.length + paces.length;
}

async function mostCodes(tx: Tx, nowMs: number): Promise<Most> {
  // One more than there are: by the end of the hour another hub may show one.
  const live = (await countLiveCodes(tx, nowMs)) + 1;
  return { ...MOST.code, world: Math.min(MOST.code.world, Math.floor((HITS_PER_HOUR * Number(CODES)) / live)) };
}

async function setPace(tx: Tx, accountId: string, intervalS: number, nowMs: number): Promise<void> {
  const set = { intervalS, nextAt: new Date(nowMs + intervalS * 1000) };
  await tx
    .insert(claimPace)
    .values({ accountId, ...set })
    .onConflictDoUpdate({ target: claimPace.accountId, set });
}

async function countTries(tx: Tx, kind: GuessKind, guesser: Guesser, nowMs: number): Promise<Counts> {
  const since = (ms: number) => new Date(nowMs - ms).toISOString();
  const { accountId, address } = guesser;
  const ofAccount = sql`account_id = ${accountId} and at > ${since(CODE_LIFE_MS)}`;
  const ofBlock = sql`address_block = ${addressBlock(address)} and at > ${since(CODE_LIFE_MS)}`;
  const ofDay = sql`account_id = ${accountId}`;
  const ofWorld = sql`at > ${since(HOUR_MS)}`;
  const counted = (name: string, which: ReturnType<typeof sql>) =>
    sql`count(*) filter (where ${which}) as ${sql.identifier(name)},
        min(at) filter (where ${which}) as ${sql.identifier(`${name}From`)}`;
  const [counts] = await queryRows(
    tx,
    CountsSchema,
    sql`select ${counted('account', ofAccount)}, ${counted('block', ofBlock)}, ${counted('day', ofDay)},
          ${counted('world', ofWorld)}
        from claim_try where kind = ${kind}
          and (at > ${since(HOUR_MS)} or (account_id = ${accountId} and at > ${since(DAY_MS)}))`,
  );
  return CountsSchema.parse(counts);
}
