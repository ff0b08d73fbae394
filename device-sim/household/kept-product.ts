import { ProductProcess, type ProductSpec } from './product-process.js';

/** A product that can be unplugged and plugged in again. */
export type Product = {
  readonly pid: number | undefined;
  kill(): Promise<void>;
  start(): Promise<void>;
};

export type KeptProductOptions = {
  /** Asked before each start: a hub's claim key, for one, is there only the first time. */
  specOf: () => ProductSpec;
  /** Told when the product leaves without having been asked to. */
  onProblem?: ((problem: string) => void) | undefined;
  /** Once aborted, nothing is started any more. */
  signal: AbortSignal;
};

/** Between the end of a product and its next start, as systemd would have it. */
const RESTART_PAUSE_MS = 1_000;

/** Keeps a product running: it may end itself to restart, as a hub does when it is told to reboot, or crash. */
export class KeptProduct implements Product {
  readonly #options: KeptProductOptions;
  #process: ProductProcess | undefined;
  /** Aborted when the plug is pulled. */
  #plug = new AbortController();
  #keeping: Promise<void> = Promise.resolve();
  #url = '';

  constructor(options: KeptProductOptions) {
    this.#options = options;
  }

  /** Where the product serves; the same after each restart. */
  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Plugs it in and waits until it is ready.
   * @throws SimError `household.process-not-ready`
   */
  async start(): Promise<void> {
    this.#plug = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, this.#plug.signal]);
    this.#keeping = this.#keep(await this.#begin(signal), signal);
  }

  /** Cuts its power: it has no chance to put anything in order. */
  async kill(): Promise<void> {
    this.#plug.abort();
    await this.#process?.kill();
    await this.#keeping;
  }

  async stop(): Promise<void> {
    this.#plug.abort();
    await this.#process?.stop();
    await this.#keeping;
  }

  async #begin(signal: AbortSignal): Promise<ProductProcess> {
    const spec = this.#options.specOf();
    const env = this.#url === '' ? spec.env : { ...spec.env, INKLET_PORT: new URL(this.#url).port };
    const next = await ProductProcess.start({ ...spec, env }, signal);
    if (signal.aborted) {
      await next.stop();
      throw signal.reason;
    }
    this.#process = next;
    this.#url = next.url;
    return next;
  }

  async #keep(first: ProductProcess, signal: AbortSignal): Promise<void> {
    let running: ProductProcess | undefined = first;
    for (;;) {
      const how: string | undefined = await running?.gone();
      if (signal.aborted) return;
      const { name, logFile, clock } = this.#options.specOf();
      if (how !== undefined)
        this.#options.onProblem?.(`the ${name} ${how} and is started again; its log is ${logFile}`);
      try {
        await clock.sleep(RESTART_PAUSE_MS, signal);
        running = await this.#begin(signal);
      } catch (cause) {
        if (signal.aborted) return;
        this.#options.onProblem?.(cause instanceof Error ? cause.message : String(cause));
        running = undefined;
      }
    }
  }
}
