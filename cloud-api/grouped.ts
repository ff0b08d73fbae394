import assert from 'node:assert';

type Waiting<In, Out> = {
  item: In;
  signal: AbortSignal | undefined;
  resolve: (out: Out) => void;
  reject: (error: unknown) => void;
};

type GroupedOptions<In, Out> = {
  /** So many at once at most. */
  most: number;
  /** So heavy together at most, unless one alone is heavier. */
  weight?: { of: (item: In) => number; most: number };
  /** Two of one key are never in one group. */
  keyOf?: (item: In) => string;
  /** Does the work of a group; one answer for each item, in their order. Nothing of it may stay if it throws. */
  run: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Whether a failure is the fault of what stands in an item: then the others are tried without it. */
  isItemsFault: (error: unknown) => boolean;
};

/**
 * Does together what comes while earlier work is under way, so that groups grow with the load and nobody waits for one
 * to fill. A bad item fails alone: a group that fails by its fault is halved until it is found.
 */
export class Grouped<In, Out> {
  readonly #options: GroupedOptions<In, Out>;
  #waiting: Waiting<In, Out>[] = [];
  #running: Promise<void> | undefined;

  constructor(options: GroupedOptions<In, Out>) {
    this.#options = options;
  }

  /** How many wait for their group to be formed. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves with the item's answer once its group is done. One whose signal aborts before that is formed is left out. */
  add(item: In, signal?: AbortSignal): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, signal, resolve, reject });
      // What arrives in the same turn of the event loop belongs together already.
      this.#running ??= new Promise<void>((turn) => setImmediate(turn)).then(() => this.#runAll());
    });
  }

  /** Resolves once everything that was added is done. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      if (group.length > 0) await this.#run(group);
    }
    this.#running = undefined;
  }

  #nextGroup(): Waiting<In, Out>[] {
    const { most, weight, keyOf } = this.#options;
    const group: Waiting<In, Out>[] = [];
    const later: Waiting<In, Out>[] = [];
    const keys = new Set<string>();
    let carried = 0;
    let isFull = false;
    for (const waiting of this.#waiting) {
      if (waiting.signal?.aborted) {
        waiting.reject(waiting.signal.reason);
        continue;
      }
      const key = keyOf?.(waiting.item);
      const heavy = weight?.of(waiting.item) ?? 0;
      const isTwice = key !== undefined && keys.has(key);
      const isTooHeavy = group.length > 0 && weight !== undefined && carried + heavy > weight.most;
      isFull ||= group.length === most || (!isTwice && isTooHeavy);
      if (isFull || isTwice) {
        later.push(waiting);
        continue;
      }
      if (key !== undefined) keys.add(key);
      carried += heavy;
      group.push(waiting);
    }
    this.#waiting = later;
    return group;
  }

  async #run(group: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#options.run(group.map(({ item }) => item));
      assert(answers.length === group.length, 'an answer for each item');
      for (const [index, answer] of answers.entries()) group[index]?.resolve(answer);
    } catch (error) {
      if (group.length > 1 && this.#options.isItemsFault(error)) {
        const half = Math.ceil(group.length / 2);
        await this.#run(group.slice(0, half));
        await this.#run(group.slice(half));
        return;
      }
      for (const { reject } of group) reject(error);
    }
  }
}
