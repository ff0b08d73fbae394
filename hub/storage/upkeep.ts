import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { Ballast } from './ballast.js';
import type { Database } from './database.js';
import type { LogRoom } from './log-room.js';
import type { Outbox } from './outbox.js';
import type { StoreHealth } from './store-health.js';

const EVERY_MS = 60_000;
/** One round does not take longer than so many short commits. */
const MAX_STEPS = 50;
/** Free pages are used again first; only many of them go back to the card. */
const KEPT_PAGES = 1024;
const VACUUM_STEP_PAGES = 64;

export type UpkeepDeps = {
  database: Pick<Database, 'freePages' | 'vacuum'>;
  outbox: Pick<Outbox, 'expire' | 'tidy'>;
  ballast: Pick<Ballast, 'restore'>;
  logRoom: Pick<LogRoom, 'make'>;
  health: Pick<StoreHealth, 'begin'>;
  clock: Pick<Clock, 'sleep'>;
  log: Logger;
};

/** What the store does for itself now and then, in steps between which everything else goes on. */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** One round: gives up what is too old, gives free pages back to the card, takes ballast in again, and keeps the log long. */
  async round(): Promise<void> {
    const { database, outbox, ballast, logRoom, health } = this.#deps;
    health.begin();
    await this.#inSteps(() => outbox.expire() > 0);
    outbox.tidy();
    await this.#inSteps(() => {
      if (database.freePages() <= KEPT_PAGES) return false;
      database.vacuum(VACUUM_STEP_PAGES);
      return true;
    });
    await ballast.restore();
    logRoom.make();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    // Not at once: at power-on the card has other things to do.
    for (;;) {
      await clock.sleep(EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.round().catch((error: unknown) => log.warn({ err: error }, 'upkeep of the store failed'));
    }
  }

  async #inSteps(step: () => boolean): Promise<void> {
    for (let steps = 0; steps < MAX_STEPS && !this.#stopping.signal.aborted && step(); steps += 1) await setImmediate();
  }
}
