import { type Lane, SYNC_WINDOW } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { Signal } from '../signal.js';
import type { LaneState } from '../storage/outbox.js';

/** What came in lanes 1 to 3 waits so long for company. Source: sync protocol, section 3, Batch; on mains. */
const GATHER_MS = 1000;
const CONTROL: Lane = 0;

type WaitingLane = Pick<LaneState, 'lane' | 'nextSeq' | 'acked' | 'rows' | 'bytes'>;

/**
 * When the next exchange is due: at once when lane 0 holds something, a request would be full, or somebody says so; a second
 * after anything else; and after the interval when nothing happens.
 */
export class Flush {
  readonly #lanes: () => readonly WaitingLane[];
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #any = new Signal();
  readonly #urgent = new Signal();

  constructor(deps: { lanes: () => readonly WaitingLane[]; clock: Pick<Clock, 'sleep'> }) {
    this.#lanes = deps.lanes;
    this.#clock = deps.clock;
  }

  /** At once. */
  now(): void {
    this.#urgent.notify();
    this.#any.notify();
  }

  /** There is something to send, which may wait for company. */
  soon(): void {
    if (this.isDue()) this.#urgent.notify();
    this.#any.notify();
  }

  /** Whether anything waits. */
  isWaiting(): boolean {
    return this.#waiting().length > 0;
  }

  /** Whether what waits is urgent, or fills a request. */
  isDue(): boolean {
    const lanes = this.#waiting();
    const sum = (of: (lane: WaitingLane) => number) => lanes.reduce((total, lane) => total + of(lane), 0);
    return (
      lanes.some(({ lane }) => lane === CONTROL) ||
      sum(({ rows }) => rows) >= SYNC_WINDOW.events ||
      sum(({ bytes }) => bytes) >= SYNC_WINDOW.bytes
    );
  }

  /** Resolves when the next exchange is due, or when the signal aborts. */
  async next(intervalMs: number, signal: AbortSignal): Promise<void> {
    const noticed = await this.#any.waitAtMost(intervalMs, this.#clock, signal);
    if (noticed && !signal.aborted) await this.#urgent.waitAtMost(GATHER_MS, this.#clock, signal);
    // Whatever was noticed goes into the request that is made now.
    this.#any.clear();
    this.#urgent.clear();
  }

  #waiting(): readonly WaitingLane[] {
    return this.#lanes().filter(({ nextSeq, acked }) => nextSeq - 1 > acked);
  }
}
