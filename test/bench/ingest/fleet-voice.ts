import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PublisherSetup } from './publishers/orders.js';

const PUBLISHERS = fileURLToPath(new URL('./publishers/main.js', import.meta.url));
/** Messages on the way at a time: enough for the subscriber never to wait, and no broker's queue overflows. */
const AHEAD = 800;
/** Credit is given in portions, so that giving it costs nothing. */
const PORTION = 100;

/** A fleet that speaks from a process of its own, never further ahead than its listener can hear. */
export class FleetVoice {
  readonly #child: ChildProcess;
  #wanted = 0;
  #left = 0;
  #heard = 0;
  #whenAll: (() => void) | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(setup: PublisherSetup): Promise<FleetVoice> {
    const child = fork(PUBLISHERS, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.send(setup);
    await once(child, 'message');
    return new FleetVoice(child);
  }

  /** The listener has heard one. */
  heard(): void {
    this.#heard += 1;
    if (this.#heard % PORTION === 0) this.#give(PORTION);
    if (this.#heard === this.#wanted) this.#whenAll?.();
  }

  /** Lets so many be sent, and resolves when all were heard; gives how many were heard in a second. */
  async say(count: number): Promise<number> {
    [this.#wanted, this.#left, this.#heard] = [count, count, 0];
    const all = new Promise<void>((resolve) => {
      this.#whenAll = resolve;
    });
    const startMs = performance.now();
    this.#give(AHEAD);
    await all;
    return (count / (performance.now() - startMs)) * 1000;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }

  #give(most: number): void {
    const credit = Math.min(most, this.#left);
    this.#left -= credit;
    if (credit > 0) this.#child.send({ credit });
  }
}
