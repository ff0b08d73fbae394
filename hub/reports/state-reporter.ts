import type { Logger } from 'pino';
import { type DisplayState, deviceTopics, type State } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import { HubError } from '../errors.js';
import { Signal } from '../signal.js';
import type { Binding } from '../storage/binding.js';
import type { Meta } from '../storage/meta.js';

/** Who this hub is, for the cloud. */
export type HubFacts = { thingName: string; hwId: string; model: string; version: string };

export type StateReporterDeps = {
  link: Pick<CloudLink, 'publish' | 'state'>;
  facts: HubFacts;
  displayStates: () => DisplayState[];
  binding: Pick<Binding, 'household'>;
  meta: Pick<Meta, 'next'>;
  now: () => number;
  log: Logger;
};

/** Tells the cloud what the displays show, at once on each change; changes of one moment become one message. */
export class StateReporter {
  readonly #deps: StateReporterDeps;
  readonly #changed = new Signal();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(deps: StateReporterDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** What is current has changed, or the link is up again: it is told. */
  notify(): void {
    this.#changed.notify();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#changed.wait(signal);
      // A register: without a link nothing is kept, and the next connection tells the latest.
      if (signal.aborted || !this.#deps.link.state().connected) continue;
      try {
        const topic = deviceTopics(this.#deps.facts.thingName).state;
        await this.#deps.link.publish(topic, JSON.stringify(this.#state()));
      } catch (error) {
        const code = error instanceof HubError ? error.code : undefined;
        this.#deps.log.debug({ err: error, code }, 'state not told');
      }
    }
  }

  #state(): State {
    const { facts, displayStates, binding, meta, now } = this.#deps;
    return {
      v: 1,
      at: timestamp(now()),
      rev: meta.next('state_rev'),
      hwId: facts.hwId,
      model: facts.model,
      version: facts.version,
      bound: binding.household() !== undefined,
      displays: displayStates(),
    };
  }
}
