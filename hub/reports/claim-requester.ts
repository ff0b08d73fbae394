import type { Logger } from 'pino';
import { deviceTopics } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import { Signal } from '../signal.js';
import type { Binding } from '../storage/binding.js';

export type ClaimRequesterDeps = {
  link: Pick<CloudLink, 'publish' | 'state'>;
  thingName: string;
  binding: Pick<Binding, 'household' | 'claim'>;
  newId: () => string;
  clock: Clock;
  log: Logger;
};

// The answer comes as a command; one that is lost is asked for again under the same id.
const REPEAT_MS = 30_000;
/** A code that has not come onto the glass by then may have expired on the way. */
const RENEW_MS = 5 * 60 * 1000;
/** Nothing to do until something changes; a limit keeps a clock that jumps from stalling it. */
const IDLE_MS = 60 * 60 * 1000;
/** A code that seems to live for longer was shown before the clock was set back. */
const LONGEST_LIFE_MS = 60 * 60 * 1000;

/** Asks for a claim code as long as the hub belongs to nobody, and for a new one when the last has expired. */
export class ClaimRequester {
  readonly #deps: ClaimRequesterDeps;
  readonly #changed = new Signal();
  readonly #stopping = new AbortController();
  /** The request that waits for its code. */
  #request: { id: string; askedMs: number } | undefined;
  /** Since when one request or the next is without its code, on the monotonic clock. */
  #waitsSinceMs: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: ClaimRequesterDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#changed.notify();
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** The link is up, a code was shown, or the binding has changed. */
  notify(): void {
    this.#changed.notify();
  }

  /** How long the cloud, to which the link is up, has owed this hub a code. */
  get unansweredMs(): number {
    const { link, clock } = this.#deps;
    const isWaiting = this.#waitsSinceMs !== undefined && link.state().connected && this.#wantsCode();
    return isWaiting ? clock.monotonic() - (this.#waitsSinceMs ?? 0) : 0;
  }

  #wantsCode(): boolean {
    return this.#deps.binding.household() === undefined && this.#shownForMs() === undefined;
  }

  /** How long the code on the glass is still good. */
  #shownForMs(): number | undefined {
    const { binding, clock } = this.#deps;
    const shown = binding.claim();
    const leftMs = shown === undefined ? 0 : shown.expiresMs - clock.now();
    return leftMs > 0 && leftMs <= LONGEST_LIFE_MS ? leftMs : undefined;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    await this.#changed.wait(this.#stopping.signal);
    while (!this.#stopping.signal.aborted) {
      const waitMs = await this.#step().catch((error: unknown) => {
        log.warn({ err: error }, 'claim code not asked for');
        return REPEAT_MS;
      });
      await this.#changed.waitAtMost(waitMs, clock, this.#stopping.signal);
    }
  }

  /** How long nothing is to be done, unless something changes. */
  async #step(): Promise<number> {
    const { link, binding, thingName, newId, clock, log } = this.#deps;
    if (binding.household() !== undefined || !link.state().connected) {
      this.#waitsSinceMs = undefined;
      return IDLE_MS;
    }
    const leftMs = this.#shownForMs();
    if (leftMs !== undefined) {
      this.#request = undefined;
      this.#waitsSinceMs = undefined;
      return leftMs;
    }
    const askedMs = clock.monotonic();
    this.#waitsSinceMs ??= askedMs;
    if (this.#request === undefined || askedMs - this.#request.askedMs >= RENEW_MS)
      this.#request = { id: newId(), askedMs };
    const message = JSON.stringify({ v: 1, requestId: this.#request.id });
    await link
      .publish(deviceTopics(thingName).requestClaim, message)
      .catch((error: unknown) => log.debug({ err: error }, 'claim code not asked for'));
    return REPEAT_MS;
  }
}
