type Part = { stop(): Promise<unknown> };

/** What has been started so far, to be stopped in the reverse order. */
export class Started {
  readonly #parts: Part[] = [];

  /** Notes a part and hands it on. */
  add<T extends Part>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  /** Stops everything, also what comes after a part that fails to stop; may be called twice. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const part of this.#parts.splice(0).reverse()) await part.stop().catch((cause) => failures.push(cause));
    if (failures.length > 0) throw failures[0];
  }

  /** Runs work that starts parts, and stops them again if it fails. */
  async orNothing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      await this.stop().catch(() => undefined);
      throw cause;
    }
  }
}
