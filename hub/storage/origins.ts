import type { Moment } from '../boot.js';
import type { Boots } from './boots.js';
import type { Database } from './database.js';

/** What events have in common, and by how much the wall clock was ahead of the monotonic one when it was written. */
type Origin = { n: number; aheadMs: number };

/** A clock that drifts this far from where it was gets a new row; until then each event keeps the difference. */
const MAX_SKEW_MS = 30_000;
/** Every event that this build makes has a body of this version. */
const TYPE_VERSION = 1;

/** Rows that many events share: boot, type and trust in the clock. */
export class Origins {
  readonly #boots: Boots;
  readonly #insert;
  /** By the trust in the clock. */
  readonly #known = [new Map<string, Origin>(), new Map<string, Origin>(), new Map<string, Origin>()] as const;

  constructor({ database, boots }: { database: Database; boots: Boots }) {
    this.#boots = boots;
    this.#insert = database.prepare<[number, string, number, number, number]>(
      'INSERT INTO origin (boot, type, tv, wq, ahead_ms) VALUES (?, ?, ?, ?, ?)',
    );
    database.onUndone(() => {
      for (const known of this.#known) known.clear();
    });
  }

  /** The row for an event of this run; part of the transaction that is open. */
  of(type: string, { monoMs, wallMs, wq }: Moment): Origin {
    const known = this.#known[wq].get(type);
    const aheadMs = wallMs - Math.round(monoMs);
    if (known !== undefined && Math.abs(aheadMs - known.aheadMs) <= MAX_SKEW_MS) return known;
    const { lastInsertRowid } = this.#insert.run(this.#boots.current(), type, TYPE_VERSION, wq, aheadMs);
    const fresh = { n: Number(lastInsertRowid), aheadMs };
    this.#known[wq].set(type, fresh);
    return fresh;
  }
}
