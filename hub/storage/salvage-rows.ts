import Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { LANE_OF_EVENT, type Lane, LaneSchema } from '../../contract/index.js';
import type { Database } from './database.js';
import type { Value } from './raw-records.js';
import type { FoundRow, Row } from './salvage-tables.js';
import { sealOf } from './seal.js';

/** Written in one transaction, and kept in memory until then. */
const BATCH_ROWS = 1000;
/** The first values of these are in every fresh file. */
const REPLACED = new Set(['binding', 'lane']);
/** Looks the same for each lane; which one it is follows from what an event is. */
const LOG_TABLE = /^log\d$/;

/** Ids of older builds are kept whole, others as the seal with which they end. */
const WHOLE_ID_BYTES = 16;

const OriginSchema = z.object({ n: z.number().int(), type: z.string(), wq: z.number(), ahead_ms: z.number() });
const TimesSchema = z.object({ pos: z.number(), mono_ms: z.number(), skew_ms: z.number(), body: z.string() });

const LeftSchema = z.object({ lane: LaneSchema, pos: z.number().int().positive() });

/** The first and the last position of some events. */
export type Reach = { lowest: number; highest: number };

type Origin = z.infer<typeof OriginSchema> & { lane: Lane };

/** Puts rows that were found into a file of the same version; one that does not fit is refused alone. */
export class SalvageRows {
  readonly #database: Database;
  readonly #inserts = new Map<string, (row: Row) => void>();
  readonly #origins = new Map<number, Origin>();
  /** Lanes whose counters were found. */
  readonly counted = new Set<Lane>();
  /** From which position to which there were events of the lanes that are left where they are. */
  readonly left = new Map<Lane, Reach>();
  readonly #leaves: readonly Lane[];
  #waiting: FoundRow[] = [];
  refused = 0;

  /** `leaves`: lanes of which no event is taken over. */
  constructor(database: Database, leaves: readonly Lane[] = []) {
    this.#database = database;
    this.#leaves = leaves;
  }

  put({ table, row }: FoundRow): void {
    if (table === 'origin') this.#learn(row);
    if (table === 'lane') this.#count(row);
    const place = LOG_TABLE.test(table) ? this.#logOf(row) : table;
    const isEvent = place === 'log' || LOG_TABLE.test(table);
    if (place === undefined || (isEvent && !(isJson(row.body) && isJson(row.was ?? '[]')))) this.refused += 1;
    else if (!isEvent || !this.#isLeft(place, row)) this.#waiting.push({ table: place, row });
    if (this.#waiting.length === BATCH_ROWS) this.flush();
  }

  flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#database.write(() => {
      for (const one of batch) this.#insert(one);
    });
  }

  #learn(row: Row): void {
    const origin = OriginSchema.safeParse(row).data;
    const lane = Object.entries(LANE_OF_EVENT).find(([type]) => type === origin?.type)?.[1];
    if (origin !== undefined && lane !== undefined) this.#origins.set(origin.n, { ...origin, lane });
  }

  #count(row: Row): void {
    const lane = LaneSchema.safeParse(row.lane).data;
    if (lane !== undefined) this.counted.add(lane);
  }

  /** Older builds had one table for all lanes. */
  #isLeft(place: string, row: Row): boolean {
    const { data: event } = LeftSchema.safeParse({
      lane: place === 'log' ? row.lane : Number(place.slice('log'.length)),
      pos: place === 'log' ? row.seq : row.pos,
    });
    if (event === undefined || !this.#leaves.includes(event.lane)) return false;
    const { lowest, highest } = this.left.get(event.lane) ?? { lowest: event.pos, highest: event.pos };
    this.left.set(event.lane, { lowest: Math.min(lowest, event.pos), highest: Math.max(highest, event.pos) });
    return true;
  }

  #logOf(row: Row): string | undefined {
    const origin = this.#origins.get(Number(row.origin));
    if (origin === undefined) return undefined;
    const isAsAccepted = Buffer.isBuffer(row.id) ? row.id.length === WHOLE_ID_BYTES : row.id === sealIn(row, origin);
    return isAsAccepted ? `log${origin.lane}` : undefined;
  }

  #insert({ table, row }: FoundRow): void {
    try {
      this.#insertInto(table, row)(row);
    } catch (error) {
      const isMisfit = error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT');
      if (!isMisfit) throw error;
      this.refused += 1;
    }
  }

  /** Rows that were written before a column was added have one fewer. */
  #insertInto(table: string, row: Row): (row: Row) => void {
    const columns = Object.keys(row);
    const name = `${table} ${columns.length}`;
    let insert = this.#inserts.get(name);
    if (insert === undefined) {
      const verb = REPLACED.has(table) ? 'REPLACE' : 'IGNORE';
      const values = columns.map((column) => `@${column}`).join(', ');
      const statement = this.#database.prepare<[Record<string, Value | bigint>]>(
        `INSERT OR ${verb} INTO ${table} (${columns.join(', ')}) VALUES (${values})`,
      );
      insert = (one) => void statement.run(bindable(one));
      this.#inserts.set(name, insert);
    }
    return insert;
  }
}

/** A number is bound as a REAL, which a column of any type would keep. */
function bindable(row: Row): Record<string, Value | bigint> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, Number.isInteger(value) ? BigInt(Number(value)) : value]),
  );
}

/** What the seal of a row ought to be. */
function sealIn(row: Row, { lane, type, wq, ahead_ms }: Origin): number | undefined {
  const { data } = TimesSchema.safeParse(row);
  if (data === undefined) return undefined;
  const { pos, mono_ms: monoMs, skew_ms, body } = data;
  return sealOf({ lane, pos, monoMs, wallMs: monoMs + ahead_ms + skew_ms, wq, type, body });
}

function isJson(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
