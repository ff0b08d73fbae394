import type { Logger } from 'pino';
import { deviceTopics, type Heartbeat } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { type Boot, timestamp } from '../boot.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import { Signal } from '../signal.js';
import type { Outbox } from '../storage/outbox.js';
import type { HubFacts } from './state-reporter.js';

export type HeartbeatReporterDeps = {
  link: Pick<CloudLink, 'publish' | 'state'>;
  facts: Pick<HubFacts, 'thingName' | 'version'>;
  outbox: Pick<Outbox, 'depth'>;
  boot: Boot;
  intervalS: () => number;
  rssBytes: () => number;
  /** Of the processor; null where it cannot be read. */
  temperatureC: () => Promise<number | null>;
  clock: Clock;
  log: Logger;
};

/** The periodic sign of life: at each connection, then by interval. */
export class HeartbeatReporter {
  readonly #deps: HeartbeatReporterDeps;
  readonly #due = new Signal();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(deps: HeartbeatReporterDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** The link is up, or the interval has changed. */
  notify(): void {
    this.#due.notify();
  }

  async #run(): Promise<void> {
    const { clock, intervalS, log } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#due.waitAtMost(intervalS() * 1000, clock, signal);
      if (signal.aborted) return;
      await this.#tell().catch((error: unknown) => log.debug({ err: error }, 'heartbeat not told'));
    }
  }

  async #tell(): Promise<void> {
    const { link, facts } = this.#deps;
    const { connected, connectedSinceMs, reconnects } = link.state();
    if (!connected || connectedSinceMs === undefined) return;
    const message = await this.#message({ connectedSince: timestamp(connectedSinceMs), reconnects });
    await link.publish(deviceTopics(facts.thingName).heartbeat, JSON.stringify(message));
  }

  async #message(link: Heartbeat['link']): Promise<Heartbeat> {
    const { boot, facts, outbox, rssBytes, temperatureC, intervalS } = this.#deps;
    const now = boot.now();
    return {
      v: 1,
      at: timestamp(now.wallMs),
      bootId: boot.id,
      uptimeS: now.monoMs / 1000,
      version: facts.version,
      queueDepth: outbox.depth(),
      rssBytes: rssBytes(),
      temperatureC: await temperatureC(),
      link,
      nextHeartbeatS: intervalS(),
    };
  }
}
