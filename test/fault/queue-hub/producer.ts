import { v7 } from 'uuid';
import type { HubEvent, Lane } from '../../../contract/index.js';
import type { Clock } from '../../../hardware/index.js';
import { timestamp } from '../../../hub/boot.js';
import { HubError } from '../../../hub/errors.js';
import type { Store } from '../../../hub/storage/store.js';

export type ProducerDeps = {
  outbox: Pick<Store['outbox'], 'enqueue'>;
  registers: Pick<Store['registers'], 'set'>;
  /** Lanes that the store takes events for. */
  lanes: readonly Lane[];
  random: () => number;
  /** For its pauses: the true one. */
  clock: Pick<Clock, 'now' | 'sleep'>;
  everyMs: number;
  onRefused: (event: HubEvent, code: string) => void;
  onTaken: () => void;
};

const MOST_AT_ONCE = 12;
/** One in so many is an event that the cloud cannot read. */
const POISON_ONE_IN = 50;
const REGISTERS = 5;
const REGISTER_SHARE = 0.5;
const TOO_LONG = 300;

/** Makes events of every lane, in groups that share a commit, for as long as nobody tells it to stop. */
export class Producer {
  readonly #deps: ProducerDeps;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(deps: ProducerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { random, clock, everyMs } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const group = Array.from({ length: 1 + Math.floor(random() * MOST_AT_ONCE) }, () => this.#enqueue());
      if (random() < REGISTER_SHARE) this.#setRegister();
      await Promise.all(group);
      await clock.sleep(2 * random() * everyMs, signal).catch(() => undefined);
    }
  }

  #setRegister(): void {
    const { registers, random } = this.#deps;
    try {
      registers.set(`trial:${Math.floor(random() * REGISTERS)}`, { name: v7() });
    } catch (error) {
      // A full card; the next value is as good.
      if (!(error instanceof HubError)) throw error;
    }
  }

  async #enqueue(): Promise<void> {
    const { outbox, onRefused, onTaken } = this.#deps;
    const event = this.#event();
    try {
      await outbox.enqueue(event);
      onTaken();
    } catch (error) {
      // Whatever the store says, the producer lives; what it refused is noted.
      onRefused(event, error instanceof HubError ? error.code : 'hub.internal');
    }
  }

  #event(): HubEvent {
    const { lanes, random, clock } = this.#deps;
    const lane = lanes[Math.floor(random() * lanes.length)] ?? 0;
    const at = timestamp(clock.now());
    const name = v7();
    const isPoison = random() * POISON_ONE_IN < 1;
    if (lane === 0) return { type: 'hub.started', body: { version: name, bootId: isPoison ? 'nobody' : v7() } };
    const reason = isPoison ? name.padEnd(TOO_LONG, '-') : name;
    if (lane === 1) return { type: 'link.changed', body: { at, connected: false, reason } };
    if (lane === 3) {
      return { type: 'hub.warned', body: { at, level: 'warn', mod: 'trial', message: reason, code: null, count: 1 } };
    }
    // Nothing in it can name it but its numbers.
    const figures = { uptimeS: random() * 1e9, rssBytes: Math.floor(random() * 1e12) };
    const rest = { temperatureC: random(), freeBytes: null, queueRows: 0, queueBytes: 0 };
    return { type: 'hub.telemetry', body: { at, ...figures, ...rest } };
  }
}
