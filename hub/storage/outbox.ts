import assert from 'node:assert';
import type { HubEvent, Lane } from '../../contract/index.js';
import type { Boot } from '../boot.js';
import { Appender, type LogPlace, type Use, type WrittenEvent, written } from './appender.js';
import { Boots } from './boots.js';
import type { Database } from './database.js';
import { type Drop, Drops } from './drops.js';
import { FormerEpochs } from './former-epochs.js';
import { Gaps } from './gaps.js';
import { LaneBook, type LaneRow } from './lane-book.js';
import { LeftEpochs } from './left-epochs.js';
import { LogRows } from './log-rows.js';
import type { Meta } from './meta.js';
import { Origins } from './origins.js';
import { type Pieces, piecesOf, type Window } from './pieces.js';
import { type QueueFigures, queueFigures } from './queue-figures.js';
import { QUEUE_LIMITS, type QueueLimits } from './queue-limits.js';
import type { Registers } from './registers.js';
import { Tallies } from './tallies.js';

export type { LogPlace };

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

type Waiting = { event: WrittenEvent; resolve: (place: LogPlace) => void; reject: (error: unknown) => void };

const LANES: readonly Lane[] = [0, 1, 2, 3];

/** What happened on the hub, in order, kept until the cloud has it or it is named in a gap. */
export class Outbox {
  readonly #database: Database;
  readonly #meta: Meta;
  readonly #newEpoch: () => string;
  readonly #boots: Boots;
  readonly #log: LogRows;
  readonly #book: LaneBook;
  readonly #gaps: Gaps;
  readonly #former: FormerEpochs;
  /** What the cloud is to be told of with the next request. */
  readonly left: LeftEpochs;
  readonly #tallies: Tallies;
  readonly #drops: Drops;
  readonly #appender: Appender;
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
    this.#newEpoch = deps.newEpoch;
    this.#registers = deps.registers;
    this.#boots = new Boots({ database, boot, newId: deps.newId });
    this.#log = new LogRows({ database, origins: new Origins({ database, boots: this.#boots }) });
    this.#book = new LaneBook({ database, log: this.#log });
    this.#gaps = new Gaps(database);
    this.#former = new FormerEpochs(database);
    this.left = new LeftEpochs(deps.meta);
    this.#tallies = new Tallies(database);
    this.#drops = new Drops({
      ...{ database, limits, log: this.#log, book: this.#book, gaps: this.#gaps },
      ...{ tallies: this.#tallies, boots: this.#boots },
    });
    this.#appender = new Appender({
      ...{ boot, limits, log: this.#log, book: this.#book },
      ...{ drops: this.#drops, boots: this.#boots },
    });
    // Made with the file: a copied or lost card must never continue an old numbering.
    if (this.#meta.get('epoch') === undefined) database.write(() => this.#meta.set('epoch', this.#newEpoch()));
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
  append(event: HubEvent, use: Use = 'result'): LogPlace {
    this.#database.afterCommit(this.#notify);
    return this.#appender.append(written(event), use);
  }

  /** Whether lane 0 takes new work. */
  hasRoom(): boolean {
    return this.#appender.hasRoom();
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

  /**
   * What the cloud has to be told of a lane next: whatever covers it from the first unacknowledged number on, without a hole.
   * @throws HubError `storage.damaged`
   */
  pieces(lane: Lane, window: Window): Pieces {
    try {
      return piecesOf({ log: this.#log, gaps: this.#gaps, former: this.#former }, this.#book.get(lane), window);
    } catch (error) {
      throw this.#database.told(error);
    }
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
      this.left.add({ epoch: old, after: Object.fromEntries(LANES.map((lane) => [lane, this.lane(lane).acked])) });
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

  #commitWaiting(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const events = batch.map(({ event }) => event);
    let places: (LogPlace | { refused: unknown })[];
    try {
      places = this.#database.write(() => {
        const appended = this.#appender.appendAll(events);
        if (appended.some((place) => !('refused' in place))) this.#database.afterCommit(this.#notify);
        return appended;
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
}

function stateOf({ lane, base, next, acked, ackedId, sent, bytes, rows }: LaneRow): LaneState {
  return { lane, nextSeq: next - base, acked: acked - base, ackedId, sent: sent - base, bytes, rows };
}
