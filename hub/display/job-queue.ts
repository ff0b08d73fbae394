import type { Logger } from 'pino';
import type { Ledger, ShowFailure } from '../storage/ledger.js';
import { Job, type JobKind, type JobRequest } from './job.js';

/** What waits for one glass: of each kind the latest, in the order of asking. Ends what it drops, in the ledger too. */
export class JobQueue {
  readonly #ledger: Pick<Ledger, 'supersede' | 'fail'>;
  readonly #log: Logger;
  readonly #waiting = new Map<JobKind, Job>();

  constructor({ ledger, log }: { ledger: Pick<Ledger, 'supersede' | 'fail'>; log: Logger }) {
    this.#ledger = ledger;
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Puts a job at the end; an older one of its kind is superseded. */
  submit(request: JobRequest): Job {
    const job = new Job(request);
    const older = this.#waiting.get(request.kind);
    if (older !== undefined) this.#supersede(older, request.presentationId);
    // Deleted first, so that the map stays in the order of asking.
    this.#waiting.delete(request.kind);
    this.#waiting.set(request.kind, job);
    return job;
  }

  /** The first that could be painted now. */
  next(): Job | undefined {
    for (const job of this.#waiting.values()) {
      if (job.prepared !== undefined || (job.isRedraw && job.failures === 0)) return job;
    }
    return undefined;
  }

  /** Takes a job out; its end is up to the caller. */
  remove(job: Job): void {
    if (this.#waiting.get(job.request.kind) === job) this.#waiting.delete(job.request.kind);
  }

  /** Puts a job that was taken out back. False: something newer of its kind has come, and it has ended. */
  putBack(job: Job): boolean {
    const newer = this.#waiting.get(job.request.kind);
    if (newer === undefined) this.#waiting.set(job.request.kind, job);
    else this.#supersede(job, newer.request.presentationId);
    return newer === undefined;
  }

  /** Ends a job that still waits; one that is being painted is painted. */
  drop(job: Job, by: string | null): void {
    if (this.#waiting.get(job.request.kind) !== job) return;
    this.remove(job);
    this.#supersede(job, by);
  }

  fail(job: Job, failure: ShowFailure): void {
    this.remove(job);
    const { presentationId, kind } = job.request;
    this.#log.warn({ presentationId, ...failure }, 'not shown');
    if (presentationId !== null && kind === 'content') this.#ledger.fail(presentationId, failure);
    job.end({ state: 'failed', ...failure });
  }

  /** Drops presentations that wait, whose end is stored already. */
  forget(isForgotten: (presentationId: string) => boolean): void {
    const job = this.#waiting.get('content');
    if (job?.request.presentationId == null || !isForgotten(job.request.presentationId)) return;
    this.remove(job);
    job.end({ state: 'superseded', by: null });
  }

  /** The hub stops: what waits stays in the store as it is. */
  stop(): void {
    for (const job of this.#waiting.values()) job.end({ state: 'stopped' });
  }

  #supersede(job: Job, by: string | null): void {
    const { presentationId, kind } = job.request;
    // Asked for again: the newer job carries the same presentation to its end.
    const isOver = presentationId !== null && presentationId !== by && kind === 'content';
    if (isOver) this.#ledger.supersede(presentationId, by);
    job.end({ state: 'superseded', by });
  }
}
