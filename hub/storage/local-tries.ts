import { HubError } from '../errors.js';
import type { Database } from './database.js';

const MINUTE_MS = 60_000;
const CODE_LIFE_MS = 10 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The most wrong codes in the life of one, and in a day. */
const MOST_PER_CODE = 5;
const MOST_PER_DAY = 20;
/** RFC 8628 section 3.5: the interval between two tries, and by how much it grows for who does not keep it. */
const INTERVAL_S = 5;
const SLOWER_S = 5;
const LONGEST_INTERVAL_S = 60;

type Pace = { intervalS: number; nextMs: number };

/** Wrong codes that were typed at the hub, so that switching it off gives nobody more tries. */
export class LocalTries {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #statements;

  /** `now` is the wall clock in milliseconds. */
  constructor({ database, now }: { database: Database; now: () => number }) {
    this.#database = database;
    this.#now = now;
    this.#statements = prepareAll(database);
  }

  /** @throws HubError `claim.too-many`, `claim.too-fast` */
  admit(): void {
    const nowMs = this.#now();
    this.#bringBack(nowMs);
    const waitMs = Math.max(
      this.#waitMs(nowMs, CODE_LIFE_MS, MOST_PER_CODE),
      this.#waitMs(nowMs, DAY_MS, MOST_PER_DAY),
    );
    if (waitMs > 0) {
      const retryAfterS = Math.ceil(waitMs / 1000);
      throw new HubError('claim.too-many', 'too many wrong codes', { details: { retryAfterS } });
    }
    const pace = this.#pace(nowMs);
    if (pace === undefined || pace.nextMs <= nowMs) return;
    const intervalS = Math.min(pace.intervalS + SLOWER_S, LONGEST_INTERVAL_S);
    this.#setPace(intervalS, nowMs);
    const message = `wait ${intervalS} seconds between two tries`;
    throw new HubError('claim.too-fast', message, { details: { retryAfterS: intervalS } });
  }

  noteWrong(): void {
    const nowMs = this.#now();
    this.#database.write(() => {
      this.#bringBack(nowMs);
      this.#statements.forget.run(nowMs - DAY_MS);
      this.#statements.add.run(nowMs);
      this.#setPace(this.#pace(nowMs)?.intervalS ?? INTERVAL_S, nowMs);
    });
  }

  noteRight(): void {
    this.#database.write(() => this.#statements.clearPace.run());
  }

  /** A hub without a clock chip wakes up in the past: what was tried before it was switched off counts as tried now. */
  #bringBack(nowMs: number): void {
    this.#database.write(() => this.#statements.bringBack.run(nowMs, nowMs));
  }

  #waitMs(nowMs: number, windowMs: number, most: number): number {
    const counted = this.#statements.count.get(nowMs - windowMs);
    if (counted === undefined || counted.tries < most) return 0;
    return (counted.firstMs ?? nowMs) + windowMs - nowMs;
  }

  /** One from the future is from before the clock was set back; one that is long over says nothing. */
  #pace(nowMs: number): Pace | undefined {
    const pace = this.#statements.pace.get();
    const isOld = pace === undefined || pace.nextMs + CODE_LIFE_MS <= nowMs;
    return isOld || pace.nextMs > nowMs + LONGEST_INTERVAL_S * 1000 ? undefined : pace;
  }

  #setPace(intervalS: number, nowMs: number): void {
    this.#database.write(() => this.#statements.setPace.run(intervalS, nowMs + intervalS * 1000));
  }
}

function prepareAll(database: Database) {
  return {
    count: database.prepare<[number], { tries: number; firstMs: number | null }>(
      'SELECT count(*) AS tries, min(at_ms) AS firstMs FROM local_try WHERE at_ms > ?',
    ),
    add: database.prepare<[number]>('INSERT INTO local_try (at_ms) VALUES (?)'),
    bringBack: database.prepare<[number, number]>('UPDATE local_try SET at_ms = ? WHERE at_ms > ?'),
    forget: database.prepare<[number]>('DELETE FROM local_try WHERE at_ms <= ?'),
    pace: database.prepare<[], Pace>('SELECT interval_s AS intervalS, next_ms AS nextMs FROM local_pace'),
    setPace: database.prepare<[number, number]>(
      `INSERT INTO local_pace (one, interval_s, next_ms) VALUES (1, ?, ?)
       ON CONFLICT (one) DO UPDATE SET interval_s = excluded.interval_s, next_ms = excluded.next_ms`,
    ),
    clearPace: database.prepare<[]>('DELETE FROM local_pace'),
  };
}
