/** How much of the work was done, 1 if all, and when it ended on the monotonic clock. */
export type WorkEnd = (share: number, atMs: number) => void;

type Work = {
  name: string;
  fromMs: number;
  heldFromMs: number;
  untilMs: number;
  end: WorkEnd;
};

/** The one thing that a chip is busy with. */
export class ChipWork {
  readonly #now: () => number;
  #work: Work | undefined;
  #heldMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What goes on, whether or not BUSY says so yet. */
  get name(): string | undefined {
    return this.#work?.name;
  }

  get untilMs(): number | undefined {
    return this.#work?.untilMs;
  }

  /** Whether the BUSY line says so. */
  get held(): boolean {
    return this.#work !== undefined && this.#now() >= this.#work.heldFromMs;
  }

  get heldMs(): number {
    return this.#heldMs;
  }

  /** BUSY answers `lateMs` after the beginning, which is now if nothing else is said. `end` may begin what follows. */
  begin(name: string, durationMs: number, end: WorkEnd, when: { lateMs?: number; fromMs?: number } = {}): void {
    const { lateMs = 0, fromMs = this.#now() } = when;
    this.#work = { name, fromMs, heldFromMs: fromMs + lateMs, untilMs: fromMs + durationMs, end };
  }

  /** Finishes what is over at a moment. */
  settle(nowMs = this.#now()): void {
    for (let work = this.#work; work !== undefined && nowMs >= work.untilMs; work = this.#work) {
      this.#end(work, work.untilMs, 1);
    }
  }

  /** Cuts off what is not over at a moment. */
  abort(atMs = this.#now()): void {
    this.settle(atMs);
    const work = this.#work;
    if (work !== undefined) this.#end(work, atMs, (atMs - work.fromMs) / (work.untilMs - work.fromMs));
  }

  #end(work: Work, atMs: number, share: number): void {
    this.#work = undefined;
    this.#heldMs += Math.max(0, atMs - work.heldFromMs);
    work.end(share, atMs);
  }
}
