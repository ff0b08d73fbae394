import type { Clock } from '../../hardware/index.js';

/** Upper bounds in seconds: from a fast SSD to a card that makes people wait. */
export const COMMIT_BOUNDS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/** How long commits took, as a histogram. */
export class CommitTimes {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By bound; the last is for what is above all of them. */
  readonly #counts: number[] = [...COMMIT_BOUNDS_S, 0].map(() => 0);
  #sumS = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Does the commit and measures it; one that fails counts too. */
  time<T>(commit: () => T): T {
    const startMs = this.#clock.monotonic();
    try {
      return commit();
    } finally {
      this.#note((this.#clock.monotonic() - startMs) / 1000);
    }
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get sumS(): number {
    return this.#sumS;
  }

  /** How many took no longer than each bound. */
  cumulative(): { boundS: number; count: number }[] {
    let count = 0;
    return COMMIT_BOUNDS_S.map((boundS, index) => {
      count += this.#counts[index] ?? 0;
      return { boundS, count };
    });
  }

  /** The bound that this part of all commits kept; undefined before the first, Infinity above the last bound. */
  quantileS(part: number): number | undefined {
    const { count: total } = this;
    if (total === 0) return undefined;
    return this.cumulative().find(({ count }) => count >= part * total)?.boundS ?? Number.POSITIVE_INFINITY;
  }

  #note(seconds: number): void {
    const found = COMMIT_BOUNDS_S.findIndex((boundS) => seconds <= boundS);
    const index = found === -1 ? COMMIT_BOUNDS_S.length : found;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sumS += seconds;
  }
}
