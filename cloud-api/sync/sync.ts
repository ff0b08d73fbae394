import type { SyncReply } from '../../contract/index.js';
import type { HubCaller } from '../auth/principal.js';
import { isOutOfReach } from '../database/data-error.js';
import { asSystem } from '../database/database.js';
import { CloudError } from '../errors.js';
import { Grouped } from '../grouped.js';
import { applyBatch, type BatchContext, type BatchParts } from './apply-batch.js';
import { countBatch } from './count-batch.js';
import type { SyncInput } from './sync-input.js';
import type { SyncJob, Visit } from './visit.js';

/** In one transaction; more would only hold the locks of many hubs for longer. */
const MOST_REQUESTS = 64;
const MOST_EVENTS = 5000;
/** Waiting for a batch: each is held in memory, and what comes in over HTTP is held back before it is read. */
const MOST_WAITING = 1024;
/** Above one full batch, hubs are asked to come back spread out: so long for each that waits. */
const SPREAD_MS_EACH = 50;
const MOST_SPREAD_MS = 300_000;
const BUSY_RETRY_MS = 5_000;
const MS_PER_S = 1000;

/** When a request arrived, by our clock, and the signal of who waits for its answer. */
type Arrival = { receivedAtMs?: number; signal?: AbortSignal };

/**
 * The exchange with hubs. What many hubs ask while a transaction commits is taken in by the next one, together; a reply
 * leaves only once that has committed. Source: sync protocol, section 3.
 */
export class Sync {
  readonly #context: BatchContext;
  readonly #parts: BatchParts;
  readonly #grouped: Grouped<SyncJob, Visit | undefined>;
  #isStopping = false;

  constructor(context: BatchContext, parts: BatchParts) {
    this.#context = context;
    this.#parts = parts;
    this.#grouped = new Grouped({
      most: MOST_REQUESTS,
      weight: { of: eventsIn, most: MOST_EVENTS },
      keyOf: ({ hubId }) => hubId,
      run: (jobs) => this.#commit(jobs, jobs.length > 1),
      // Where the database is away the others would only wait for it too.
      isItemsFault: (error) => !isAway(error),
    });
    context.metrics.gauge('inklet_sync_waiting', () => this.#grouped.waiting);
  }

  /** @throws CloudError `hub_not_found`; `processing_unavailable`: ask again after `retryMs` of its details */
  async exchange(caller: HubCaller, input: SyncInput, { receivedAtMs, signal }: Arrival = {}): Promise<SyncReply> {
    if (this.#isStopping || this.#grouped.waiting >= MOST_WAITING) throw busy('Too many hubs ask at once.');
    const job = { hubId: caller.hubId, input, receivedAtMs: receivedAtMs ?? this.#context.clock.now() };
    // Whoever holds this hub keeps nobody else from being answered.
    const visit = (await this.#grouped.add(job, signal)) ?? (await this.#commit([job], false)).at(0);
    if (visit === undefined) throw new CloudError('hub_not_found', 'The hub is gone.');
    const now = new Date(this.#context.clock.now()).toISOString();
    return { ...visit.reply, now, spreadMs: this.#spreadMs() };
  }

  /** Finishes what was taken and takes no more; safe to call twice. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#grouped.idle();
  }

  async #commit(jobs: readonly SyncJob[], skipsLocked: boolean): Promise<(Visit | undefined)[]> {
    const { db, clock } = this.#context;
    const begunMs = clock.now();
    let hasBegun = false;
    try {
      const visits = await asSystem(db, (tx) => {
        hasBegun = true;
        return applyBatch(tx, { context: this.#context, parts: this.#parts }, { jobs, skipsLocked });
      });
      countBatch(this.#context, visits, clock.now() - begunMs);
      return visits;
    } catch (error) {
      throw !hasBegun || isOutOfReach(error) ? busy('The database is out of reach.', error) : error;
    }
  }

  #spreadMs(): number | null {
    const { waiting } = this.#grouped;
    return waiting < MOST_REQUESTS ? null : Math.min(waiting * SPREAD_MS_EACH, MOST_SPREAD_MS);
  }
}

/** A refusal that says when to come again, in the body and in the header. */
export function busy(message: string, cause?: unknown): CloudError {
  const details = { retryMs: BUSY_RETRY_MS, retryAfterS: Math.ceil(BUSY_RETRY_MS / MS_PER_S) };
  return new CloudError('processing_unavailable', message, details, { cause });
}

function isAway(error: unknown): boolean {
  return error instanceof CloudError && error.code === 'processing_unavailable';
}

function eventsIn({ input }: SyncJob): number {
  return input.logs.reduce((sum, { events }) => sum + events.length, 0);
}
