import type { Logger } from 'pino';
import type { SyncRequest } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { backOffMs } from '../back-off.js';
import { HubError } from '../errors.js';
import type { Outbox } from '../storage/outbox.js';
import type { Registers } from '../storage/registers.js';
import type { CloudHttpOptions } from './cloud-http.js';
import { exchange, type Reply } from './exchange.js';
import { Flush } from './flush.js';
import { REFUSALS, SyncRecord, type SyncStatus } from './sync-record.js';
import type { Applied, SyncState } from './sync-state.js';

export type SyncClientDeps = {
  state: Pick<SyncState, 'request' | 'apply' | 'fork' | 'tooLarge'>;
  outbox: Pick<Outbox, 'onAppended' | 'lanes'>;
  registers: Pick<Registers, 'onSet'>;
  cloud: CloudHttpOptions;
  /** Room on the card; null where it cannot be told. */
  freeBytes: () => Promise<number | null>;
  intervalMs: () => number;
  clock: Clock;
  random: () => number;
  log: Logger;
};

type Exchanged = { request: SyncRequest; reply: Reply; applied: Applied };

// Each answer to a request of a fresh epoch that names a fork again is the cloud's fault.
const MAX_FORKS = 1;
// Sync protocol, section 3.
const BACK_OFF = { baseMs: 1000, capMs: 300_000 };

/** Keeps the cloud and this hub the same: at once when something happened, and now and then without. */
export class SyncClient {
  readonly #deps: SyncClientDeps;
  readonly #log: Logger;
  readonly #flush: Flush;
  readonly #stopping = new AbortController();
  readonly #record: SyncRecord;
  /** Cut short by news that the cloud is within reach, unless the cloud itself asked for the wait. */
  #backingOff: AbortController | undefined;
  /** Over which the cloud wants hubs spread that come back. */
  #spreadMs: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: SyncClientDeps) {
    const { outbox, clock, log } = deps;
    this.#deps = deps;
    this.#log = log;
    this.#record = new SyncRecord(clock);
    this.#flush = new Flush({ lanes: () => outbox.lanes(), clock });
  }

  start(): void {
    this.#deps.outbox.onAppended(() => this.#flush.soon());
    this.#deps.registers.onSet(() => this.#flush.soon());
    this.#flush.now();
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** There is something to fetch. */
  hint(): void {
    this.#flush.now();
  }

  /** The cloud is within reach again. */
  linkUp(): void {
    this.#flush.now();
    this.#backingOff?.abort();
  }

  status(): SyncStatus {
    return this.#record.status();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#flush.next(this.#deps.intervalMs(), signal);
        if (signal.aborted) return;
        await this.#drain();
      } catch (error) {
        if (signal.aborted) return;
        await this.#backOff(error);
        // What failed is still to be done.
        this.#flush.now();
      }
    }
  }

  /** Exchanges until nothing urgent is left on either side. */
  async #drain(): Promise<void> {
    const { clock, random } = this.#deps;
    const { signal } = this.#stopping;
    const isReturn = this.#record.failures > 0;
    // After an outage all hubs come back at once: the cloud spreads them.
    if (isReturn && this.#spreadMs !== undefined) await clock.sleep(random() * this.#spreadMs, signal);
    for (let round = 1, forks = 0; ; round += 1) {
      const { request, reply, applied } = await this.#exchange(signal);
      if (applied.kind === 'stale' || applied.kind === 'stuck' || (applied.kind === 'fork' && forks >= MAX_FORKS)) {
        throw new HubError('sync.unreachable', `the exchange leads nowhere: ${applied.kind}`);
      }
      if (applied.kind === 'fork') {
        this.#deps.state.fork(applied.why);
        forks += 1;
      }
      this.#record.succeeded();
      this.#spreadMs = reply.spreadMs ?? undefined;
      if (reply.retryMs !== null && reply.retryMs > 0) await clock.sleep(reply.retryMs, signal);
      if (round === 1 && isReturn && reply.spreadMs !== null) await clock.sleep(random() * reply.spreadMs, signal);
      const isEmpty = request.logs.length + request.gaps.length === 0;
      if (applied.kind === 'done' && (isEmpty || !this.#flush.isDue())) break;
    }
    if (this.#flush.isWaiting()) this.#flush.soon();
  }

  async #exchange(signal: AbortSignal): Promise<Exchanged> {
    const { state, cloud, clock, freeBytes } = this.#deps;
    const free = await freeBytes();
    // Before the request says what its clock shows: until the reply passes at least as long as is said.
    const sentMs = clock.monotonic();
    const request = state.request(free);
    const reply = await exchange(cloud, request, signal);
    const applied = state.apply(reply, request, clock.monotonic() - sentMs);
    this.#log.debug({ applied: applied.kind, slices: request.logs.length, down: reply.down.length }, 'exchanged');
    return { request, reply, applied };
  }

  async #backOff(error: unknown): Promise<void> {
    const { state, clock, random } = this.#deps;
    const code = error instanceof HubError ? error.code : 'hub.internal';
    if (code === 'sync.too-large') state.tooLarge();
    const told = error instanceof HubError && code === 'sync.busy' ? error.details.retryMs : undefined;
    const isNews = this.#record.lastError !== code;
    const waitMs = typeof told === 'number' ? told : backOffMs(BACK_OFF, this.#record.failures + 1, random);
    this.#record.failed(code, waitMs);
    this.#tell(error, { code, waitMs, isNews });
    const shortcut = new AbortController();
    if (typeof told !== 'number') this.#backingOff = shortcut;
    const signal = AbortSignal.any([shortcut.signal, this.#stopping.signal]);
    await clock.sleep(waitMs, signal).catch(() => undefined);
    this.#backingOff = undefined;
  }

  #tell(error: unknown, { code, waitMs, isNews }: { code: string; waitMs: number; isNews: boolean }): void {
    const facts = { err: error, code, waitMs, failures: this.#record.failures };
    if (!isNews) this.#log.debug(facts, 'sync failed again');
    else if (REFUSALS.has(code)) this.#log.error(facts, 'the cloud does not take what this hub says; it is kept');
    else this.#log.info(facts, 'sync failed, trying again');
  }
}
