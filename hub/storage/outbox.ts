import assert from 'node:assert';
import { z } from 'zod';
import { EpochSchema, type HubEvent, type Lane, LaneSchema, type SyncEvent } from '../../contract/index.js';
import { type Boot, timestamp } from '../boot.js';
import { HubError } from '../errors.js';
import type { Database } from './database.js';
import type { Meta } from './meta.js';

/** The name of an event in the log. */
export type LogPlace = { lane: Lane; seq: number; id: string };

/** How far a lane is. */
export type LaneState = {
  lane: Lane;
  nextSeq: number;
  acked: number;
  ackedId: string | null;
  bytes: number;
  rows: number;
};

/** A contiguous run of events, ready for a request. */
export type LogSlice = { lane: Lane; first: number; lastId: string; events: SyncEvent[]; bytes: number };

/** Lane 0 never drops: past this, nothing is accepted. Source: sync protocol, section 6. */
export const LANE_0_LIMIT_BYTES = 8 * 1024 * 1024;
/** New work is refused earlier, so that the results of accepted work always find room. */
export const ADMISSION_LIMIT_BYTES = 7 * 1024 * 1024;

const ROW_OVERHEAD_BYTES = 200;
const MAX_WAS = 16;
const CONTROL_LANE: Lane = 0;

const WasSchema = z.array(z.object({ epoch: EpochSchema, lane: LaneSchema, seq: z.number().int().positive() }));

type Waiting = { event: HubEvent; resolve: (place: LogPlace) => void; reject: (error: unknown) => void };

type LogRow = {
  seq: number;
  id: string;
  type: string;
  tv: number;
  boot: string;
  monoMs: number;
  wallMs: number;
  wq: 0 | 1 | 2;
  bytes: number;
  was: string | null;
  body: string;
};

/** What happened on the hub, in order, kept until the cloud has it. */
export class Outbox {
  readonly #database: Database;
  readonly #meta: Meta;
  readonly #boot: Boot;
  readonly #newId: () => string;
  readonly #newEpoch: () => string;
  readonly #statements;
  readonly #notify = () => this.#listener?.();
  #waiting: Waiting[] = [];
  #listener: (() => void) | undefined;

  /** `newEpoch` gives 128 random bits in hex. */
  constructor(deps: { database: Database; meta: Meta; boot: Boot; newId: () => string; newEpoch: () => string }) {
    this.#database = deps.database;
    this.#meta = deps.meta;
    this.#boot = deps.boot;
    this.#newId = deps.newId;
    this.#newEpoch = deps.newEpoch;
    this.#statements = prepareAll(deps.database);
    // Made with the file: a copied or lost card must never continue an old numbering.
    this.#database.write(() => {
      if (this.#meta.get('epoch') === undefined) this.#meta.set('epoch', this.#newEpoch());
    });
  }

  get epoch(): string {
    return this.#meta.get('epoch') ?? '';
  }

  /** Called after each commit that added events. */
  onAppended(listener: () => void): void {
    this.#listener = listener;
  }

  /**
   * Resolves once the event is on disk; all of one event-loop turn share a commit.
   * @throws HubError `outbox.full`
   */
  enqueue(event: HubEvent): Promise<LogPlace> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#commitWaiting());
    });
  }

  /**
   * Adds the event to the transaction that is open.
   * `result`: it reports on work already accepted and may use the room kept for that.
   * @throws HubError `outbox.full`
   */
  append(event: HubEvent, use: 'new' | 'result' = 'result'): LogPlace {
    this.#database.assertWriting();
    const body = JSON.stringify(event.body);
    const bytes = Buffer.byteLength(body) + event.type.length + ROW_OVERHEAD_BYTES;
    const limitBytes = use === 'new' ? ADMISSION_LIMIT_BYTES : LANE_0_LIMIT_BYTES;
    const lane = this.lane(CONTROL_LANE);
    if (lane.bytes + bytes > limitBytes) {
      throw new HubError(
        'outbox.full',
        `lane 0 holds ${lane.bytes} bytes, limit ${limitBytes}: the cloud must take some`,
      );
    }
    const id = this.#newId();
    const at = this.#boot.now();
    this.#statements.insert.run({ lane: CONTROL_LANE, seq: lane.nextSeq, id, type: event.type, ...at, bytes, body });
    this.#statements.grow.run(bytes, CONTROL_LANE);
    this.#database.afterCommit(this.#notify);
    return { lane: CONTROL_LANE, seq: lane.nextSeq, id };
  }

  /** Whether lane 0 takes new work. */
  hasRoom(): boolean {
    return this.lane(CONTROL_LANE).bytes < ADMISSION_LIMIT_BYTES;
  }

  lane(lane: Lane): LaneState {
    const row = this.#statements.lane.get(lane);
    if (row === undefined) throw new HubError('hub.internal', `lane ${lane} has no row`);
    return row;
  }

  lanes(): LaneState[] {
    return this.#statements.lanes.all();
  }

  /** Events that the cloud has not acknowledged. */
  depth(): number {
    return this.lanes().reduce((sum, lane) => sum + lane.rows, 0);
  }

  /** The oldest unacknowledged events of a lane, as many as the window takes and at least one. */
  slice(lane: Lane, window: { events: number; bytes: number }): LogSlice | undefined {
    const rows = this.#statements.read.all(lane, window.events);
    let bytes = 0;
    const taken: LogRow[] = [];
    for (const row of rows) {
      if (taken.length > 0 && bytes + row.bytes > window.bytes) break;
      bytes += row.bytes;
      taken.push(row);
    }
    const first = taken[0];
    const last = taken.at(-1);
    if (first === undefined || last === undefined) return undefined;
    return { lane, first: first.seq, lastId: last.id, events: taken.map(toSyncEvent), bytes };
  }

  /** Forgets what the cloud has; part of the transaction that is open. A stale acknowledgement changes nothing. */
  acknowledge(lane: Lane, ack: number): void {
    this.#database.assertWriting();
    const state = this.lane(lane);
    assert(ack < state.nextSeq, 'only what was sent is acknowledged');
    if (ack <= state.acked) return;
    const last = this.#statements.idAt.get(lane, ack);
    const sum = this.#statements.sumUpTo.get(lane, ack);
    this.#statements.deleteUpTo.run(lane, ack);
    this.#statements.shrink.run(ack, last?.id ?? null, sum?.bytes ?? 0, sum?.rows ?? 0, lane);
  }

  /** Begins a new numbering: every event held here moves into it and keeps its earlier positions. */
  startNewEpoch(): string {
    return this.#database.write(() => {
      const old = this.epoch;
      const next = this.#newEpoch();
      for (const { lane } of this.lanes()) {
        let seq = 0;
        for (const row of this.#statements.read.all(lane, -1)) {
          seq += 1;
          const was = [...readWas(row.was), { epoch: old, lane, seq: row.seq }].slice(-MAX_WAS);
          this.#statements.move.run(seq, JSON.stringify(was), lane, row.seq);
        }
        this.#statements.restart.run(seq + 1, lane);
      }
      this.#meta.set('epoch', next);
      return next;
    });
  }

  #commitWaiting(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const places: (LogPlace | { refused: unknown })[] = [];
    try {
      this.#database.write(() => {
        for (const { event } of batch) places.push(this.#tryAppend(event));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const place = places[index];
      if (place === undefined || 'refused' in place) reject(place?.refused);
      else resolve(place);
    }
  }

  #tryAppend(event: HubEvent): LogPlace | { refused: unknown } {
    try {
      return this.append(event, 'new');
    } catch (error) {
      if (error instanceof HubError && error.code === 'outbox.full') return { refused: error };
      throw error;
    }
  }
}

function toSyncEvent(row: LogRow): SyncEvent {
  const event: SyncEvent = {
    id: row.id,
    type: row.type,
    tv: row.tv,
    boot: row.boot,
    mono: row.monoMs,
    wall: timestamp(row.wallMs),
    wq: row.wq,
    body: JSON.parse(row.body),
  };
  const was = readWas(row.was);
  return was.length === 0 ? event : { ...event, was };
}

function readWas(json: string | null): z.infer<typeof WasSchema> {
  return json === null ? [] : WasSchema.parse(JSON.parse(json));
}

const LANE_COLUMNS = 'lane, next_seq AS nextSeq, acked, acked_id AS ackedId, bytes, rows';

function prepareAll(database: Database) {
  return {
    insert: database.prepare<[Record<string, unknown>]>(
      `INSERT INTO log (lane, seq, id, type, tv, boot, mono_ms, wall_ms, wq, bytes, body)
       VALUES (@lane, @seq, @id, @type, 1, @boot, @monoMs, @wallMs, @wq, @bytes, @body)`,
    ),
    grow: database.prepare<[number, Lane]>(
      'UPDATE lane SET next_seq = next_seq + 1, bytes = bytes + ?, rows = rows + 1 WHERE lane = ?',
    ),
    lane: database.prepare<[Lane], LaneState>(`SELECT ${LANE_COLUMNS} FROM lane WHERE lane = ?`),
    lanes: database.prepare<[], LaneState>(`SELECT ${LANE_COLUMNS} FROM lane ORDER BY lane`),
    read: database.prepare<[Lane, number], LogRow>(
      `SELECT seq, id, type, tv, boot, mono_ms AS monoMs, wall_ms AS wallMs, wq, bytes, was, body
       FROM log WHERE lane = ? ORDER BY seq LIMIT ?`,
    ),
    idAt: database.prepare<[Lane, number], { id: string }>('SELECT id FROM log WHERE lane = ? AND seq = ?'),
    sumUpTo: database.prepare<[Lane, number], { bytes: number; rows: number }>(
      'SELECT coalesce(sum(bytes), 0) AS bytes, count(*) AS rows FROM log WHERE lane = ? AND seq <= ?',
    ),
    deleteUpTo: database.prepare<[Lane, number]>('DELETE FROM log WHERE lane = ? AND seq <= ?'),
    shrink: database.prepare<[number, string | null, number, number, Lane]>(
      'UPDATE lane SET acked = ?, acked_id = ?, bytes = bytes - ?, rows = rows - ? WHERE lane = ?',
    ),
    move: database.prepare<[number, string, Lane, number]>(
      'UPDATE log SET seq = ?, was = ? WHERE lane = ? AND seq = ?',
    ),
    restart: database.prepare<[number, Lane]>(
      'UPDATE lane SET next_seq = ?, acked = 0, acked_id = NULL WHERE lane = ?',
    ),
  };
}
