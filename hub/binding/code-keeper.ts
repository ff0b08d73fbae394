import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { Binding } from '../storage/binding.js';
import type { LocalClaims } from './local-claims.js';

export type CodeKeeperDeps = {
  claims: Pick<LocalClaims, 'isLive' | 'show'>;
  binding: Pick<Binding, 'household'>;
  isCloudAway: () => boolean;
  /** Whether it has been asked for a code for that long, and gave none. */
  isUnanswered: () => boolean;
  /** Whether somebody shows something on the glass, or is about to. */
  isGlassTaken: () => boolean;
  clock: Pick<Clock, 'monotonic' | 'sleep'>;
  log: Logger;
};

/** A cloud that is away for shorter is not missed: its own code is still on the glass, or comes soon. */
export const AWAY_MS = 2 * 60_000;
const LOOK_EVERY_MS = 15_000;

/** Lets a hub of nobody, which the cloud cannot help, show a code of its own as long as nothing else is on its glass. */
export class CodeKeeper {
  readonly #deps: CodeKeeperDeps;
  readonly #stopping = new AbortController();
  #heardMonoMs: number;
  #loop: Promise<void> | undefined;

  constructor(deps: CodeKeeperDeps) {
    this.#deps = deps;
    this.#heardMonoMs = deps.clock.monotonic();
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#look();
      } catch (error) {
        log.warn({ err: error }, 'no code of its own shown');
      }
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  #look(): void {
    const { claims, binding, isCloudAway, isUnanswered, isGlassTaken, clock } = this.#deps;
    if (!isCloudAway()) this.#heardMonoMs = clock.monotonic();
    if (!isUnanswered() && clock.monotonic() - this.#heardMonoMs < AWAY_MS) return;
    if (binding.household() === undefined && !claims.isLive && !isGlassTaken()) claims.show();
  }
}
