import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { backOffMs } from '../back-off.js';
import { HubError } from '../errors.js';
import { Signal } from '../signal.js';
import type { Outbox } from '../storage/outbox.js';
import type { CloudHttpOptions } from './cloud-http.js';
import { exchange } from './exchange.js';
import type { SyncState } from './sync-state.js';

export type SyncClientDeps = {
  state: Pick<SyncState, 'request' | 'apply'>;
  outbox: Pick<Outbox, 'onAppended' | 'depth'>;
  cloud: CloudHttpOptions;
  intervalMs: () => number;
  clock: Clock;
  random: () => number;
  log: Logger;
};

// Each answer to a request of a fresh epoch that names a fork again is the cloud's fault.
const MAX_FORKS = 1;
// Sync protocol, section 3.
const BACK_OFF = { baseMs: 1000, capMs: 300_000 };

/** How the exchange with the cloud goes. */
export type SyncStatus = { lastSuccessMs: number | undefined; failures: number; lastError: string | undefined };

/** Keeps the cloud and this hub the same: at once when something happened, and now and then without. */
export class SyncClient {
  readonly #deps: SyncClientDeps;
  readonly #log: Logger;
  readonly #trigger = new Signal();
  readonly #stopping = new AbortController();
  /** Cut short by news that the cloud is within reach, unless the cloud itself asked for the wait. */
  #backingOff: AbortController | undefined;
  #status: SyncStatus = { lastSuccessMs: undefined, failures: 0, lastError: undefined };
  #loop: Promise<void> | undefined;

  constructor(deps: SyncClientDeps) {
    this.#deps = deps;
    this.#log = deps.log;
  }

  start(): void {
    this.#deps.outbox.onAppended(() => this.#trigger.notify());
    this.#trigger.notify();
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** There is something to fetch. */
  hint(): void {
    this.#trigger.notify();
  }

  /** The cloud is within reach again. */
  linkUp(): void {
    this.#trigger.notify();
    this.#backingOff?.abort();
  }

  status(): SyncStatus {
    return this.#status;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#trigger.waitAtMost(this.#deps.intervalMs(), this.#deps.clock, signal);
        if (signal.aborted) return;
        await this.#drain();
      } catch (error) {
        if (signal.aborted) return;
        await this.#backOff(error);
        // What failed is still to be done.
        this.#trigger.notify();
      }
    }
  }

  /** Exchanges until the cloud has everything and the hub too. */
  async #drain(): Promise<void> {
    const { state, outbox, cloud, clock, random } = this.#deps;
    const { signal } = this.#stopping;
    const isReturn = this.#status.failures > 0;
    let forks = 0;
    for (let round = 1; ; round += 1) {
      const request = state.request();
      const reply = await exchange(cloud, request, signal);
      const applied = state.apply(reply, request);
      this.#log.debug({ round, applied, slices: request.logs.length, down: reply.down.length }, 'exchanged');
      if (applied === 'forked') forks += 1;
      if (applied === 'stale' || applied === 'stuck' || forks > MAX_FORKS) {
        throw new HubError('sync.unreachable', `the exchange leads nowhere: ${applied}`);
      }
      this.#status = { lastSuccessMs: clock.now(), failures: 0, lastError: undefined };
      if (reply.retryMs !== null && reply.retryMs > 0) await clock.sleep(reply.retryMs, signal);
      // After an outage all hubs come back at once: the cloud spreads them.
      if (round === 1 && isReturn && reply.spreadMs !== null) await clock.sleep(random() * reply.spreadMs, signal);
      if (applied === 'done' && outbox.depth() === 0) return;
    }
  }

  async #backOff(error: unknown): Promise<void> {
    const { clock, random } = this.#deps;
    const failures = this.#status.failures + 1;
    const isFirst = failures === 1;
    this.#status = { ...this.#status, failures, lastError: error instanceof HubError ? error.code : 'hub.internal' };
    const told = error instanceof HubError && error.code === 'sync.busy' ? error.details.retryMs : undefined;
    const waitMs = typeof told === 'number' ? told : backOffMs(BACK_OFF, failures, random);
    if (isFirst) this.#log.info({ err: error, waitMs }, 'sync failed, trying again');
    else this.#log.debug({ err: error, waitMs, failures }, 'sync failed again');
    const shortcut = new AbortController();
    if (typeof told !== 'number') this.#backingOff = shortcut;
    const signal = AbortSignal.any([shortcut.signal, this.#stopping.signal]);
    await clock.sleep(waitMs, signal).catch(() => undefined);
    this.#backingOff = undefined;
  }
}
