import { type HubEvent, LANE_OF_EVENT, type Lane } from '../../contract/index.js';
import type { Boot, Moment } from '../boot.js';
import { HubError } from '../errors.js';
import type { Boots } from './boots.js';
import type { Drops } from './drops.js';
import type { LaneBook } from './lane-book.js';
import { type LogRows, ROWS_AT_ONCE } from './log-rows.js';
import { admissionBytes, type QueueLimits } from './queue-limits.js';
import { rowBytes } from './row-bytes.js';

/** The name of an event in the log. */
export type LogPlace = { lane: Lane; seq: number; id: string };

/** An event as it will be in its row. */
export type WrittenEvent = { type: HubEvent['type']; lane: Lane; body: string; bytes: number };

export type Use = 'new' | 'result';

const CONTROL_LANE: Lane = 0;
const MANY_SHARE = 1 / 2;

export function written({ type, body }: HubEvent): WrittenEvent {
  const json = JSON.stringify(body);
  return { type, lane: LANE_OF_EVENT[type], body: json, bytes: rowBytes(Buffer.byteLength(json)) };
}

/** Puts events at the end of their lanes, where there is room or room can be made. */
export class Appender {
  readonly #log: Pick<LogRows, 'insert' | 'insertMany'>;
  readonly #book: LaneBook;
  readonly #drops: Pick<Drops, 'makeRoom'>;
  readonly #boots: Pick<Boots, 'ids'>;
  readonly #boot: Boot;
  readonly #limits: QueueLimits;

  constructor(deps: {
    log: Pick<LogRows, 'insert' | 'insertMany'>;
    book: LaneBook;
    drops: Pick<Drops, 'makeRoom'>;
    boots: Pick<Boots, 'ids'>;
    boot: Boot;
    limits: QueueLimits;
  }) {
    this.#log = deps.log;
    this.#book = deps.book;
    this.#drops = deps.drops;
    this.#boots = deps.boots;
    this.#boot = deps.boot;
    this.#limits = deps.limits;
  }

  /** Whether lane 0 takes new work. */
  hasRoom(): boolean {
    return this.#book.get(CONTROL_LANE).bytes < admissionBytes(this.#limits);
  }

  /** Part of the transaction that is open. @throws HubError `outbox.full` */
  append(event: WrittenEvent, use: Use, at: Moment = this.#boot.now()): LogPlace {
    const { lane, type, body, bytes } = event;
    this.#makeRoom(lane, bytes, use);
    const { base, next } = this.#book.get(lane);
    const seal = this.#log.insert(lane, next, { type, body, at });
    this.#book.appended(lane, bytes);
    return { lane, seq: next - base, id: this.#boots.ids.of(at.wallMs, seal) };
  }

  /** New events of one moment, in order; part of the transaction that is open. Those for which lane 0 has no room are told apart. */
  appendAll(events: readonly WrittenEvent[]): (LogPlace | { refused: unknown })[] {
    const at = this.#boot.now();
    const places: (LogPlace | { refused: unknown })[] = [];
    while (places.length < events.length) {
      const run = events.slice(places.length, places.length + ROWS_AT_ONCE);
      const [first] = run;
      const isRun = run.length === ROWS_AT_ONCE && run.every(({ lane }) => lane === first?.lane);
      const many = isRun && first !== undefined ? this.#tryMany(first.lane, run, at) : undefined;
      if (many !== undefined) places.push(...many);
      else for (const event of run) places.push(this.#tryAppend(event, at));
    }
    return places;
  }

  /** All in one statement; undefined if they are much of what the lane may hold, or lane 0 may not take all of them. */
  #tryMany(lane: Lane, events: readonly WrittenEvent[], at: Moment): LogPlace[] | undefined {
    const bytes = events.reduce((sum, event) => sum + event.bytes, 0);
    if (bytes > this.#limits[lane].bytes * MANY_SHARE) return undefined;
    if (lane === CONTROL_LANE && this.#excess(bytes, 'new') > 0) return undefined;
    this.#makeRoom(lane, bytes, 'new');
    const { base, next } = this.#book.get(lane);
    const seals = this.#log.insertMany(lane, next, events, at);
    for (const event of events) this.#book.appended(lane, event.bytes);
    return seals.map((seal, index) => ({ lane, seq: next + index - base, id: this.#boots.ids.of(at.wallMs, seal) }));
  }

  #tryAppend(event: WrittenEvent, at: Moment): LogPlace | { refused: unknown } {
    try {
      return this.append(event, 'new', at);
    } catch (error) {
      if (error instanceof HubError && error.code === 'outbox.full') return { refused: error };
      throw error;
    }
  }

  #makeRoom(lane: Lane, bytes: number, use: Use): void {
    if (lane !== CONTROL_LANE) this.#drops.makeRoom(lane, bytes);
    else if (this.#excess(bytes, use) > 0) this.#refuse(use);
  }

  #refuse(use: Use): never {
    const held = this.#book.get(CONTROL_LANE).bytes;
    throw new HubError(
      'outbox.full',
      `lane 0 holds ${held} bytes, limit ${this.#limit(use)}: the cloud must take some`,
    );
  }

  #excess(bytes: number, use: Use): number {
    return this.#book.get(CONTROL_LANE).bytes + bytes - this.#limit(use);
  }

  #limit(use: Use): number {
    return use === 'new' ? admissionBytes(this.#limits) : this.#limits[CONTROL_LANE].bytes;
  }
}
