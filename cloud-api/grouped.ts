import assert from 'node:assert';

type Waiting<In, Out> = { item: In; resolve: (out: Out) => void; reject: (error: unknown) => void };

type GroupedOptions<In, Out> = {
  /** So many at once at most. */
  most: number;
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
  #isRunning = false;

  constructor(options: GroupedOptions<In, Out>) {
    this.#options = options;
  }

  /** Resolves with the item's answer once its group is done. */
  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // What arrives in the same turn of the event loop belongs together already.
      setImmediate(() => void this.#runAll());
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, this.#options.most);
      this.#waiting = this.#waiting.slice(this.#options.most);
      await this.#run(group);
    }
    this.#isRunning = false;
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
