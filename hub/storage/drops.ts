import type { GapReason, Lane } from '../../contract/index.js';
import type { Boots } from './boots.js';
import type { Database } from './database.js';
import type { Gaps } from './gaps.js';
import type { LaneBook } from './lane-book.js';
import type { LogHead, LogRows } from './log-rows.js';
import type { QueueLimits } from './queue-limits.js';
import type { Tallies } from './tallies.js';

/** A range of sequence numbers that was given up, and why. */
export type Drop = { lane: Lane; from: number; to: number; reason: GapReason; rows: number };

/** The lanes that give way, least important first. */
const GIVING_WAY: readonly Lane[] = [3, 2, 1];
const THINNED_LANE: Lane = 2;
/** Of so many events in a row the last one is kept. */
const THIN_RUN = 10;
/** One step deletes no more events than this, so that no commit takes long. */
const BATCH_ROWS = 500;
/** Room is made for more than the event that needs it, so that not every one does. */
const SLACK = { share: 1 / 16, bytes: 64 * 1024 } as const;
const CARD_STEP_BYTES = 256 * 1024;

/** Gives up events by the laws of sync protocol, section 6; what was sent and is not acknowledged stays. */
export class Drops {
  readonly #database: Database;
  readonly #log: LogRows;
  readonly #book: LaneBook;
  readonly #gaps: Gaps;
  readonly #tallies: Tallies;
  readonly #boots: Boots;
  readonly #limits: QueueLimits;
  #listener: ((drop: Drop) => void) | undefined;

  constructor(deps: {
    database: Database;
    log: LogRows;
    book: LaneBook;
    gaps: Gaps;
    tallies: Tallies;
    boots: Boots;
    limits: QueueLimits;
  }) {
    this.#database = deps.database;
    this.#log = deps.log;
    this.#book = deps.book;
    this.#gaps = deps.gaps;
    this.#tallies = deps.tallies;
    this.#boots = deps.boots;
    this.#limits = deps.limits;
  }

  /** Called after each commit that gave something up. */
  onDropped(listener: (drop: Drop) => void): void {
    this.#listener = listener;
  }

  /** Makes a lane take so many bytes more, as far as it can; part of the transaction that is open. */
  makeRoom(lane: Lane, bytes: number): void {
    const limitBytes = this.#limits[lane].bytes;
    if (this.#book.get(lane).bytes + bytes <= limitBytes) return;
    const goalBytes = limitBytes - Math.min(limitBytes * SLACK.share, SLACK.bytes);
    for (;;) {
      const needBytes = this.#book.get(lane).bytes + bytes - goalBytes;
      if (needBytes <= 0) return;
      if (lane === THINNED_LANE && this.#thin(lane, needBytes)) continue;
      if (!this.#dropOldest(lane, needBytes)) return;
    }
  }

  /** Gives up the oldest of what matters least, where the file or the card is full; false if nothing is left. */
  makeRoomOnCard(): boolean {
    return this.#database.write(() => GIVING_WAY.some((lane) => this.#dropOldest(lane, CARD_STEP_BYTES)));
  }

  /** Gives up what is older than its lane allows, a bounded number at a time; how many events that were. */
  expire(): number {
    return this.#database.write(() => GIVING_WAY.reduce<number>((sum, lane) => sum + this.#expire(lane), 0));
  }

  #expire(lane: Lane): number {
    const { ttlMs } = this.#limits[lane];
    if (ttlMs === null) return 0;
    const heads = this.#log.heads(lane, this.#firstFree(lane), BATCH_ROWS);
    const young = heads.findIndex((head) => this.#boots.ageMs(head) <= ttlMs);
    const old = young === -1 ? heads : heads.slice(0, young);
    this.#drop(lane, old, 'ttl');
    return old.length;
  }

  #dropOldest(lane: Lane, needBytes: number): boolean {
    const heads = this.#log.heads(lane, this.#firstFree(lane), BATCH_ROWS);
    let bytes = 0;
    const enough = heads.findIndex((head) => {
      bytes += head.bytes;
      return bytes >= needBytes;
    });
    const taken = enough === -1 ? heads : heads.slice(0, enough + 1);
    this.#drop(lane, taken, 'quota');
    return taken.length > 0;
  }

  /** Thins out what is not thinned yet of the oldest half; false if that is less than a run. */
  #thin(lane: Lane, needBytes: number): boolean {
    const { next, rows, acked, sent, thinned } = this.#book.get(lane);
    const free = rows - this.#log.sum(lane, acked + 1, sent).rows;
    const from = Math.max(this.#firstFree(lane), thinned + 1);
    const whole = next - from;
    const runs = Math.floor((free / 2 - (free - whole)) / THIN_RUN);
    if (runs < 1) return false;
    const heads = this.#log.heads(lane, from, Math.min(runs * THIN_RUN, BATCH_ROWS));
    let freedBytes = 0;
    for (let end = THIN_RUN; end <= heads.length && freedBytes < needBytes; end += THIN_RUN) {
      const run = heads.slice(end - THIN_RUN, end);
      const kept = run.pop();
      this.#drop(lane, run, 'thin');
      this.#book.change(lane, { thinned: kept?.pos ?? thinned });
      freedBytes += sumOf(run);
    }
    return freedBytes > 0;
  }

  /** Where a range begins: with the oldest events goes what was thinned out before them, or its gaps would stay for ever. */
  #start(lane: Lane, first: number, reason: GapReason): number {
    const before = reason === 'thin' ? undefined : this.#gaps.holding(lane, first - 1);
    return before?.reason === 'thin' && before.from >= this.#firstFree(lane) ? before.from : first;
  }

  /** The first position that was never in a request. */
  #firstFree(lane: Lane): number {
    const { acked, sent } = this.#book.get(lane);
    return Math.max(acked, sent) + 1;
  }

  #drop(lane: Lane, heads: readonly LogHead[], reason: GapReason): void {
    const first = heads[0];
    const last = heads.at(-1);
    if (first === undefined || last === undefined) return;
    const bytes = sumOf(heads);
    const range = { lane, from: this.#start(lane, first.pos, reason), to: last.pos, reason };
    // First: where the file is full, what is deleted makes room for the gap.
    this.#log.delete(lane, first.pos, last.pos);
    this.#gaps.add({ ...range, rows: heads.length, bytes, firstMs: wallOf(first), lastMs: wallOf(last) });
    const { rows, bytes: heldBytes, base, thinned } = this.#book.get(lane);
    this.#book.change(lane, {
      rows: rows - heads.length,
      bytes: heldBytes - bytes,
      thinned: Math.max(thinned, range.to),
    });
    this.#tallies.add(`dropped/${lane}/${reason}`, heads.length);
    const drop = { ...range, from: first.pos - base, to: range.to - base, rows: heads.length };
    this.#database.afterCommit(() => this.#listener?.(drop));
  }
}

function sumOf(heads: readonly LogHead[]): number {
  return heads.reduce((sum, { bytes }) => sum + bytes, 0);
}

function wallOf({ wq, wallMs }: LogHead): number | null {
  return wq === 0 ? null : wallMs;
}
