import type { CloudContext } from '../context.js';
import { busy } from './sync.js';

type TurnstileLimits = {
  /** So heavy together are those inside, unless one alone is heavier. */
  mostWeight: number;
  /** So many wait outside; who comes then is refused. */
  mostWaiting: number;
  /** So long does anybody wait. */
  waitMs: number;
};

type Waiting = { weight: number; letIn: () => void };

/** Lets in as many as there is room for, in the order in which they come. */
export class Turnstile {
  readonly #clock: Pick<CloudContext['clock'], 'sleep'>;
  readonly #limits: TurnstileLimits;
  #inside = 0;
  #waiting: Waiting[] = [];

  constructor(clock: Pick<CloudContext['clock'], 'sleep'>, limits: TurnstileLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves once there is room, with what gives it back, which is safe to call twice.
   * @throws CloudError `processing_unavailable`; the reason of the signal
   */
  async enter(weight: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || !this.#hasRoom(weight)) await this.#wait(weight, signal);
    else this.#inside += weight;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= weight;
      this.#letIn();
    };
  }

  async #wait(weight: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#limits.mostWaiting) throw busy('Too many hubs ask at once.');
    const done = new AbortController();
    const turn = new Promise<boolean>((resolve) => {
      const own = { weight, letIn: () => resolve(true) };
      this.#waiting.push(own);
      const leave = () => {
        this.#waiting = this.#waiting.filter((one) => one !== own);
        this.#letIn();
        resolve(false);
      };
      signal.addEventListener('abort', leave, { signal: done.signal });
      this.#clock.sleep(this.#limits.waitMs, done.signal).then(leave, () => undefined);
    });
    const isIn = await turn;
    done.abort();
    if (isIn) return;
    signal.throwIfAborted();
    throw busy('Too many hubs ask at once.');
  }

  #letIn(): void {
    for (let [next] = this.#waiting; next !== undefined && this.#hasRoom(next.weight); [next] = this.#waiting) {
      this.#waiting.shift();
      this.#inside += next.weight;
      next.letIn();
    }
  }

  #hasRoom(weight: number): boolean {
    return this.#inside === 0 || this.#inside + weight <= this.#limits.mostWeight;
  }
}
