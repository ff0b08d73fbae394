import type { Lane } from '../../contract/index.js';
import { HubError } from '../errors.js';
import type { Database } from './database.js';
import type { LogRows } from './log-rows.js';

/** How far a lane is, in positions; a sequence number is a position less the base. */
export type LaneRow = {
  lane: Lane;
  base: number;
  next: number;
  acked: number;
  ackedId: string | null;
  /** The last position that was ever in a request. */
  sent: number;
  /** Thinned up to here. */
  thinned: number;
  bytes: number;
  rows: number;
  /** Events since the file was made: accepted, and taken by the cloud. */
  enqueued: number;
  taken: number;
};

/** So many events may lie past the counters on disk; an open counts them. */
const UNCOUNTED_LIMIT = 256;

/**
 * The counters of the lanes: in memory, and on disk no later than a few hundred events after, so that most commits
 * change nothing but the end of the log.
 */
export class LaneBook {
  readonly #log: LogRows;
  readonly #statements;
  #known: (LaneRow & { counted: number })[] = [];

  constructor({ database, log }: { database: Database; log: LogRows }) {
    this.#log = log;
    this.#statements = prepareAll(database);
    database.onUndone(() => {
      this.#known = [];
    });
  }

  get(lane: Lane): Readonly<LaneRow> {
    return this.#get(lane);
  }

  all(): Readonly<LaneRow>[] {
    if (this.#known.length === 0) this.#known = this.#statements.all.all().map((row) => this.#count(row));
    return this.#known;
  }

  /** An event was put at `next`; part of the transaction that is open. */
  appended(lane: Lane, bytes: number): void {
    const row = this.#get(lane);
    row.next += 1;
    row.rows += 1;
    row.bytes += bytes;
    row.enqueued += 1;
    if (row.next - row.counted > UNCOUNTED_LIMIT) this.change(lane, {});
  }

  /** Writes the counters as they are, with what changes; part of the transaction that is open. */
  change(lane: Lane, change: Partial<Omit<LaneRow, 'lane'>>): void {
    const row = Object.assign(this.#get(lane), change);
    row.counted = row.next;
    const { counted: _, ...columns } = row;
    this.#statements.set.run(columns);
  }

  #get(lane: Lane): LaneRow & { counted: number } {
    this.all();
    const row = this.#known[lane];
    if (row === undefined) throw new HubError('hub.internal', `lane ${lane} has no row`);
    return row;
  }

  #count(row: LaneRow): LaneRow & { counted: number } {
    const { rows, bytes, last } = this.#log.sum(row.lane, row.next, Number.MAX_SAFE_INTEGER);
    const next = last === null ? row.next : last + 1;
    return {
      ...row,
      next,
      rows: row.rows + rows,
      bytes: row.bytes + bytes,
      enqueued: row.enqueued + rows,
      counted: row.next,
    };
  }
}

function prepareAll(database: Database) {
  return {
    all: database.prepare<[], LaneRow>(
      `SELECT lane, base, next, acked, acked_id AS ackedId, sent, thinned, bytes, rows, enqueued, taken
       FROM lane ORDER BY lane`,
    ),
    set: database.prepare<[LaneRow]>(
      `UPDATE lane SET base = @base, next = @next, acked = @acked, acked_id = @ackedId, sent = @sent,
         thinned = @thinned, bytes = @bytes, rows = @rows, enqueued = @enqueued, taken = @taken WHERE lane = @lane`,
    ),
  };
}
