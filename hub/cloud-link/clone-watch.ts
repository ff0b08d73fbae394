import type { Logger } from 'pino';
import { timestamp } from '../boot.js';
import type { Outbox } from '../storage/outbox.js';
import type { LinkState } from './cloud-link.js';

/** One take-over may be a hub that was moved to another card; whoever is thrown out again and again has a double. */
const SUSPECTED_FROM = 3;
/** A connection of this length shows that nobody fights for the identity any more. */
export const UNDISPUTED_AFTER_MS = 600_000;

/** Whether another device uses the identity of this hub, as far as its connections tell. */
export function isCloneSuspected({ takeOvers, connectedSinceMs }: LinkState, nowMs: number): boolean {
  const isUndisputed = connectedSinceMs !== undefined && nowMs - connectedSinceMs >= UNDISPUTED_AFTER_MS;
  return takeOvers >= SUSPECTED_FROM && !isUndisputed;
}

/** Tells the cloud, once in each row of take-overs, that this hub's card may have been copied. */
export class CloneWatch {
  readonly #outbox: Pick<Outbox, 'enqueue'>;
  readonly #now: () => number;
  readonly #log: Logger;
  #isTold = false;

  constructor({ outbox, now, log }: { outbox: Pick<Outbox, 'enqueue'>; now: () => number; log: Logger }) {
    this.#outbox = outbox;
    this.#now = now;
    this.#log = log;
  }

  /** Takes every state of the link. */
  hear({ takeOvers }: LinkState): void {
    if (takeOvers < SUSPECTED_FROM) {
      this.#isTold = false;
      return;
    }
    if (this.#isTold) return;
    this.#isTold = true;
    this.#log.error({ takeOvers }, 'another device uses the identity of this hub: its card was copied');
    const body = { at: timestamp(this.#now()), takeOvers };
    this.#outbox.enqueue({ type: 'identity.clone-suspected', body }).catch((error: unknown) => {
      this.#isTold = false;
      this.#log.warn({ err: error }, 'suspicion of a copy not recorded');
    });
  }
}
