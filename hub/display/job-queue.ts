import type { Logger } from 'pino';
import type { Ledger, ShowFailure } from '../storage/ledger.js';
import { Job, type JobKind, type JobRequest } from './job.js';

/** What waits for one glass: of each kind the latest. Ends what it drops, in the ledger too. */
export class JobQueue {
  readonly #ledger: Pick<Ledger, 'supersede' | 'fail'>;
  readonly #log: Logger;
  readonly #waiting = new Map<JobKind, Job>();
  /** Taken out last: on its way to the glass, or there. */
  #taken: Job | undefined;
  #asked = 0;
  #stopped = false;

  constructor({ ledger, log }: { ledger: Pick<Ledger, 'supersede' | 'fail'>; log: Logger }) {
    this.#ledger = ledger;
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** An older job of the kind is superseded. */
  submit(request: JobRequest): Job {
    this.#asked += 1;
    const job = new Job(request, this.#asked);
    if (this.#stopped) {
      job.end({ state: 'stopped' });
      return job;
    }
    const older = this.#waiting.get(request.kind);
    if (older !== undefined) this.#supersede(older, request.presentationId);
    this.#waiting.set(request.kind, job);
    return job;
  }

  /**
   * What is to be painted now, in the order of asking. Glass that rests after each refresh gets the newest first, and
   * what is only drawn again last: what is older may have no sense any more by its turn.
   */
  next({ newestFirst }: { newestFirst: boolean }): Job | undefined {
    const isReady = (job: Job) => !job.isBackingOff && (job.prepared !== undefined || job.isRedraw);
    const ready = [...this.#waiting.values()].filter(isReady).toSorted((a, b) => a.place - b.place);
    if (!newestFirst) return ready[0];
    return ready.findLast((job) => !job.isRedraw) ?? ready[0];
  }

  /** What is on the glass now leaves no sense to a screen of the hub's own that was asked for before it. */
  lapseScreens(painted: Job): void {
    const screen = this.#waiting.get('screen');
    if (painted.request.kind !== 'content' || screen === undefined || screen.place > painted.place) return;
    this.drop(screen, painted.request.presentationId);
  }

  /** Takes a job out, to be painted; its end is up to the caller. */
  take(job: Job): void {
    this.#taken = job;
    this.#remove(job);
  }

  /** Puts the job that was taken out back. False: it has ended, or something newer of its kind has come and ended it. */
  putBack(job: Job): boolean {
    if (job.hasEnded) return false;
    const newer = this.#waiting.get(job.request.kind);
    if (newer === undefined) this.#waiting.set(job.request.kind, job);
    else this.#supersede(job, newer.request.presentationId);
    return newer === undefined;
  }

  /** Ends a job that still waits; one that is being painted is painted. */
  drop(job: Job, by: string | null): void {
    if (this.#waiting.get(job.request.kind) !== job) return;
    this.#remove(job);
    this.#supersede(job, by);
  }

  fail(job: Job, failure: ShowFailure): void {
    this.#remove(job);
    const { presentationId, kind } = job.request;
    this.#log.warn({ presentationId, ...failure }, 'not shown');
    const result = failure.code === 'command.deadline-passed' ? 'expired' : 'failed';
    if (presentationId !== null && kind === 'content') this.#ledger.fail(presentationId, failure, result);
    job.end({ state: 'failed', ...failure });
  }

  /** Drops presentations whose end is stored already. One that is being painted is painted, but not tried again. */
  forget(isForgotten: (presentationId: string) => boolean): void {
    for (const job of [this.#waiting.get('content'), this.#taken]) {
      if (job?.request.presentationId == null || !isForgotten(job.request.presentationId)) continue;
      this.#remove(job);
      job.end({ state: 'superseded', by: null });
    }
  }

  /** The hub stops: what waits stays in the store as it is. */
  stop(): void {
    this.#stopped = true;
    for (const job of this.#waiting.values()) job.end({ state: 'stopped' });
  }

  #remove(job: Job): void {
    if (this.#waiting.get(job.request.kind) === job) this.#waiting.delete(job.request.kind);
  }

  #supersede(job: Job, by: string | null): void {
    const { presentationId, kind } = job.request;
    // Asked for again: the newer job carries the same presentation to its end.
    const isOver = presentationId !== null && presentationId !== by && kind === 'content';
    if (isOver) this.#ledger.supersede(presentationId, by);
    job.end({ state: 'superseded', by });
  }
}
