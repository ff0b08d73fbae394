import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { timestamp } from '../boot.js';
import type { LinkState } from '../cloud-link/cloud-link.js';
import { Signal } from '../signal.js';
import type { Outbox } from '../storage/outbox.js';

type Seen = { connected: boolean; reason: string | null; atMs: number };

/** A link that comes and goes is told this often at most, each way. */
const REST_MS = 60_000;

/** Records when the link came and went; of a link that flaps, where it ended. */
export class LinkWatch {
  readonly #outbox: Pick<Outbox, 'enqueue'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #heard = new Signal();
  readonly #stopping = new AbortController();
  /** On the monotonic clock, when each was told last. */
  readonly #toldMs = new Map<boolean, number>();
  #seen: Seen | undefined;
  #told: boolean | undefined;
  #loop: Promise<void> | undefined;

  constructor({ outbox, clock, log }: { outbox: Pick<Outbox, 'enqueue'>; clock: Clock; log: Logger }) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** What the link does from now on is not heard any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** Takes every state of the link. */
  hear({ connected, problem }: Pick<LinkState, 'connected' | 'problem'>): void {
    if (connected === this.#seen?.connected) return;
    this.#seen = { connected, reason: connected ? null : (problem?.code ?? null), atMs: this.#clock.now() };
    this.#heard.notify();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#heard.wait(signal);
    while (!signal.aborted) {
      const restMs = this.#restMs();
      if (restMs === undefined) await this.#heard.wait(signal);
      else if (restMs > 0) await this.#heard.waitAtMost(restMs, this.#clock, signal);
      else await this.#tell();
    }
  }

  /** How long the news, if it is still some, is to wait. */
  #restMs(): number | undefined {
    if (this.#seen === undefined || this.#seen.connected === this.#told) return undefined;
    const toldMs = this.#toldMs.get(this.#seen.connected);
    return toldMs === undefined ? 0 : Math.max(0, toldMs + REST_MS - this.#clock.monotonic());
  }

  async #tell(): Promise<void> {
    const seen = this.#seen;
    if (seen === undefined) return;
    this.#toldMs.set(seen.connected, this.#clock.monotonic());
    const { connected, reason, atMs } = seen;
    try {
      await this.#outbox.enqueue({ type: 'link.changed', body: { at: timestamp(atMs), connected, reason } });
      this.#told = connected;
    } catch (error) {
      // Tried again after the rest, if it is still so then.
      this.#log.debug({ err: error }, 'change of the link not recorded');
    }
  }
}
