import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { timestamp } from '../boot.js';
import type { Meta } from '../storage/meta.js';
import type { Outbox } from '../storage/outbox.js';
import { ReportLoop } from './report-loop.js';

export type StorageWatchDeps = {
  outbox: Pick<Outbox, 'enqueue'>;
  meta: Pick<Meta, 'get' | 'set'>;
  /** Room on the card; null where it cannot be told. */
  freeBytes: () => Promise<number | null>;
  clock: Clock;
  log: Logger;
};

/** A card that is full stays so for a while, and cannot take the news of it: it is told once there is room. */
const RETRY_MS = 60_000;
const SAME_AGAIN_MS = 60 * 60 * 1000;
const DAMAGED = 'storage.damaged';

/** Tells the cloud, as soon as the card takes it, that the card was full, failed, or was found damaged. */
export class StorageWatch {
  readonly #deps: StorageWatchDeps;
  readonly #loop: ReportLoop;
  /** By code, when it was seen by the wall clock. */
  readonly #pending = new Map<string, number>();
  /** By code, when it was told on the monotonic clock. */
  readonly #toldMs = new Map<string, number>();

  constructor(deps: StorageWatchDeps) {
    const { clock, log } = deps;
    this.#deps = deps;
    this.#loop = new ReportLoop({ tell: () => this.#tell(), everyMs: () => RETRY_MS, clock, log });
  }

  start(): void {
    const { meta } = this.#deps;
    const damagedAt = meta.get('damaged_at');
    if (damagedAt !== undefined && damagedAt !== meta.get('damage_told'))
      this.#pending.set(DAMAGED, Date.parse(damagedAt));
    this.#loop.start();
    this.#loop.notify();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Something could not be written or read. */
  note(code: string): void {
    const { clock } = this.#deps;
    const toldMs = this.#toldMs.get(code);
    if (toldMs !== undefined && clock.monotonic() - toldMs < SAME_AGAIN_MS) return;
    // The first time counts. It is told in its own time: what failed just now would fail again.
    if (!this.#pending.has(code)) this.#pending.set(code, clock.now());
  }

  async #tell(): Promise<void> {
    const { outbox, meta, freeBytes, clock } = this.#deps;
    for (const [code, seenMs] of this.#pending) {
      const body = { at: timestamp(seenMs), code, freeBytes: await freeBytes() };
      await outbox.enqueue({ type: 'storage.trouble', body });
      this.#pending.delete(code);
      this.#toldMs.set(code, clock.monotonic());
      if (code === DAMAGED) meta.set('damage_told', meta.get('damaged_at') ?? '');
    }
  }
}
