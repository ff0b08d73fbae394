import assert from 'node:assert';
import { type HubEvent, LANE_OF_EVENT, type Lane } from '../../contract/index.js';
import type { Boot } from '../boot.js';
import { HubError } from '../errors.js';
import { Boots } from './boots.js';
import type { Database } from './database.js';
import { type Drop, Drops } from './drops.js';
import { FormerEpochs } from './former-epochs.js';
import { Gaps } from './gaps.js';
import { LaneBook, type LaneRow } from './lane-book.js';
import { LogRows } from './log-rows.js';
import type { Meta } from './meta.js';
import { Origins } from './origins.js';
import { type Pieces, piecesOf, type Window } from './pieces.js';
import { type QueueFigures, queueFigures } from './queue-figures.js';
import { admissionBytes, QUEUE_LIMITS, type QueueLimits } from './queue-limits.js';
import type { Registers } from './registers.js';
import { rowBytes } from './row-bytes.js';
import { Tallies } from './tallies.js';

/** The name of an event in the log. */
export type LogPlace = { lane: Lane; seq: number; id: string };

/** How far a lane is, in sequence numbers of this epoch. */
export type LaneState = {
  lane: Lane;
  nextSeq: number;
  acked: number;
  ackedId: string | null;
  /** The last that was ever in a request; what lies past it may be dropped. */
  sent: number;
  bytes: number;
  rows: number;
};

/** What an event is when it waits for its commit. */
type Written = { type: HubEvent['type']; lane: Lane; body: string };

type Waiting = { event: Written; resolve: (place: LogPlace) => void; reject: (error: unknown) => void };

const LANES: readonly Lane[] = [0, 1, 2, 3];
const CONTROL_LANE: Lane = 0;

/** What happened on the hub, in order, kept until the cloud has it or it is named in a gap. */
export class Outbox {
  readonly #database: Database;
  readonly #meta: Meta;
  readonly #boot: Boot;
  readonly #newEpoch: () => string;
  readonly #limits: QueueLimits;
  readonly #boots: Boots;
  readonly #log: LogRows;
  readonly #book: LaneBook;
  readonly #gaps: Gaps;
  readonly #former: FormerEpochs;
  readonly #tallies: Tallies;
  readonly #drops: Drops;
  readonly #registers: Pick<Registers, 'superseded'>;
  readonly #notify = () => this.#listener?.();
  #waiting: Waiting[] = [];
  #listener: (() => void) | undefined;

  /** `newEpoch` gives 128 random bits in hex. */
  constructor(deps: {
    database: Database;
    meta: Meta;
    boot: Boot;
    newId: () => string;
    newEpoch: () => string;
    registers: Pick<Registers, 'superseded'>;
    limits?: QueueLimits;
  }) {
    const { database, boot, limits = QUEUE_LIMITS } = deps;
    this.#database = database;
    this.#meta = deps.meta;
    this.#boot = boot;
    this.#newEpoch = deps.newEpoch;
    this.#limits = limits;
    this.#registers = deps.registers;
    this.#boots = new Boots({ database, boot, newId: deps.newId });
    this.#log = new LogRows({ database, origins: new Origins({ database, boots: this.#boots }) });
    this.#book = new LaneBook({ database, log: this.#log });
    this.#gaps = new Gaps(database);
    this.#former = new FormerEpochs(database);
    this.#tallies = new Tallies(database);
    this.#drops = new Drops({
      ...{ database, limits, log: this.#log, book: this.#book, gaps: this.#gaps },
      ...{ tallies: this.#tallies, boots: this.#boots },
    });
    // Made with the file: a copied or lost card must never continue an old numbering.
    database.write(() => {
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

  /** Called after each commit that gave events up, with each range. */
  onDropped(listener: (drop: Drop) => void): void {
    this.#drops.onDropped(listener);
  }

  /**
   * Resolves once the event is on disk; all of one event-loop turn share a commit. Lane 0 refuses what it has no room
   * for, the others give up older events.
   * @throws HubError `outbox.full`, `storage.full`, `storage.failing`
   */
  enqueue(event: HubEvent): Promise<LogPlace> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event: written(event), resolve, reject });
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
    return this.#append(written(event), use);
  }

  /** Whether lane 0 takes new work. */
  hasRoom(): boolean {
    return this.#book.get(CONTROL_LANE).bytes < admissionBytes(this.#limits);
  }

  lane(lane: Lane): LaneState {
    return stateOf(this.#book.get(lane));
  }

  lanes(): LaneState[] {
    return LANES.map((lane) => this.lane(lane));
  }

  /** Events that the cloud has not acknowledged. */
  depth(): number {
    return this.#book.all().reduce((sum, { rows }) => sum + rows, 0);
  }

  /** What the cloud has to be told of a lane next: whatever covers it from the first unacknowledged number on, without a hole. */
  pieces(lane: Lane, window: Window): Pieces {
    return piecesOf({ log: this.#log, gaps: this.#gaps, former: this.#former }, this.#book.get(lane), window);
  }

  /** The oldest unacknowledged events of a lane up to the next gap, as many as the window takes and at least one. */
  slice(lane: Lane, window: Window): Pieces['slices'][number] | undefined {
    return this.pieces(lane, window).slices[0];
  }

  /** To be told before a request leaves: what is in it is not dropped any more. */
  noteSent(lane: Lane, seq: number): void {
    const { base, sent, next } = this.#book.get(lane);
    assert(base + seq < next, 'only what is here is sent');
    if (base + seq > sent) this.#database.write(() => this.#book.change(lane, { sent: base + seq }));
  }

  /** Part of the transaction that is open. A stale acknowledgement changes nothing. */
  acknowledge(lane: Lane, ack: number): void {
    this.#database.assertWriting();
    const { base, next, acked, sent, rows, bytes, taken } = this.#book.get(lane);
    const pos = base + ack;
    assert(pos < next, 'only what was sent is acknowledged');
    if (pos <= acked) return;
    const ackedId = this.#log.at(lane, pos)?.id ?? null;
    const gone = this.#log.sum(lane, 0, pos);
    this.#log.delete(lane, 0, pos);
    this.#gaps.trim(lane, pos);
    this.#former.forget(lane, pos);
    this.#book.change(lane, {
      acked: pos,
      ackedId,
      sent: Math.max(sent, pos),
      rows: rows - gone.rows,
      bytes: bytes - gone.bytes,
      taken: taken + gone.rows,
    });
  }

  /** The cloud has kept so many events as dead letters. */
  noteRejected(n: number): void {
    if (n > 0) this.#database.write(() => this.#tallies.add('rejected', n));
  }

  /** Begins a new numbering: what is held here moves into it, and keeps its earlier numbers beside it. */
  startNewEpoch(): string {
    return this.#database.write(() => {
      const old = this.epoch;
      for (const lane of LANES) {
        const row = this.#book.get(lane);
        this.#former.add(old, row);
        // What left in the old epoch may have arrived: in the new one it is not dropped either.
        this.#book.change(lane, { base: row.acked, ackedId: null });
      }
      const next = this.#newEpoch();
      this.#meta.set('epoch', next);
      return next;
    });
  }

  /** Gives up events past their time, a bounded number at each call; how many that were. Source: sync protocol, section 6. */
  expire(): number {
    return this.#drops.expire();
  }

  /** Gives up the oldest events of what matters least; false if there is nothing left to give up. */
  makeRoomOnCard(): boolean {
    return this.#drops.makeRoomOnCard();
  }

  /** Notes how long this run goes on, and forgets the runs of which nothing is held. */
  tidy(): void {
    this.#database.write(() => {
      this.#boots.note();
      this.#boots.forgetBefore(Math.min(this.#boots.current(), this.#log.oldestBoot() ?? Number.MAX_SAFE_INTEGER));
    });
  }

  figures(): QueueFigures {
    return queueFigures({
      ...{ log: this.#log, book: this.#book, tallies: this.#tallies },
      ...{ boots: this.#boots, registers: this.#registers },
    });
  }

  #append({ type, lane, body }: Written, use: 'new' | 'result', at = this.#boot.now()): LogPlace {
    const bytes = rowBytes(Buffer.byteLength(body));
    if (lane === CONTROL_LANE) this.#requireRoom(bytes, use);
    else this.#drops.makeRoom(lane, bytes);
    const { base, next } = this.#book.get(lane);
    const { id, number: idNumber } = this.#boots.ids.next(at.wallMs);
    this.#log.insert(lane, next, { type, idNumber, body, at });
    this.#book.appended(lane, bytes);
    this.#database.afterCommit(this.#notify);
    return { lane, seq: next - base, id };
  }

  #requireRoom(bytes: number, use: 'new' | 'result'): void {
    const limitBytes = use === 'new' ? admissionBytes(this.#limits) : this.#limits[CONTROL_LANE].bytes;
    const held = this.#book.get(CONTROL_LANE).bytes;
    if (held + bytes <= limitBytes) return;
    throw new HubError('outbox.full', `lane 0 holds ${held} bytes, limit ${limitBytes}: the cloud must take some`);
  }

  #commitWaiting(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    let places: (LogPlace | { refused: unknown })[];
    try {
      places = this.#database.write(() => {
        const at = this.#boot.now();
        return batch.map(({ event }) => this.#tryAppend(event, at));
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

  #tryAppend(event: Written, at: ReturnType<Boot['now']>): LogPlace | { refused: unknown } {
    try {
      return this.#append(event, 'new', at);
    } catch (error) {
      if (error instanceof HubError && error.code === 'outbox.full') return { refused: error };
      throw error;
    }
  }
}

function written({ type, body }: HubEvent): Written {
  return { type, lane: LANE_OF_EVENT[type], body: JSON.stringify(body) };
}

function stateOf({ lane, base, next, acked, ackedId, sent, bytes, rows }: LaneRow): LaneState {
  return { lane, nextSeq: next - base, acked: acked - base, ackedId, sent: sent - base, bytes, rows };
}
