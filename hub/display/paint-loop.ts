import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { backOffMs } from '../back-off.js';
import { describeFailure } from '../errors.js';
import { Signal } from '../signal.js';
import type { Restore } from '../storage/displays.js';
import type { BackgroundWork } from './background-work.js';
import type { Job } from './job.js';
import type { JobQueue } from './job-queue.js';
import type { Painter } from './painter.js';
import type { Prepared } from './preparer.js';

export type PaintLoopDeps = {
  queue: JobQueue;
  painter: Pick<Painter, 'paint' | 'sleep'>;
  work: Pick<BackgroundWork, 'track'>;
  /** Told what comes back to the glass after each frame, if anything. */
  onPainted: (restore: Restore | undefined) => void;
  clock: Pick<Clock, 'sleep'>;
  random: () => number;
  log: Logger;
};

const MAX_ATTEMPTS = 4;
const BACK_OFF = { baseMs: 1000, capMs: 15_000 };

/** Paints what waits for one glass, one after the other; the panel sleeps in between. */
export class PaintLoop {
  readonly #deps: PaintLoopDeps;
  readonly #wake = new Signal();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(deps: PaintLoopDeps) {
    this.#deps = deps;
  }

  /** Aborts when the display stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** `sleepFirst`: a stopped process may have left the panel awake. */
  start(sleepFirst: boolean): void {
    this.#loop ??= this.#run(sleepFirst);
  }

  /** A refresh that has begun is waited for. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.notify();
    await this.#loop;
    this.#deps.queue.stop();
  }

  /** Something has changed in the queue. */
  notify(): void {
    this.#wake.notify();
  }

  async #run(sleepFirst: boolean): Promise<void> {
    const { queue, painter, log } = this.#deps;
    if (sleepFirst && queue.isEmpty) await painter.sleep();
    while (!this.#stopping.signal.aborted) {
      const job = queue.next();
      if (job === undefined) {
        await this.#wake.wait(this.#stopping.signal);
        continue;
      }
      queue.remove(job);
      try {
        await this.#paint(job);
      } catch (error) {
        // Neither its end nor its failure could be stored: the next start of the hub takes it up again.
        log.error({ err: error, presentationId: job.request.presentationId }, 'end of a job not stored');
        job.end({ state: 'stopped' });
      }
      if (queue.next() === undefined) await painter.sleep();
    }
  }

  async #paint(job: Job): Promise<void> {
    const { queue, painter, onPainted } = this.#deps;
    if (job.request.wanted?.() === false) {
      job.end({ state: 'superseded', by: null });
      return;
    }
    // What is drawn again is what the glass shows now, not what it showed when it was asked.
    const preparation = job.prepared ?? (await job.request.prepare(job.signal));
    if (!preparation.ok) {
      queue.fail(job, preparation.failure);
      return;
    }
    try {
      const { outcome, restore } = await painter.paint(job.request, preparation, this.#stopping.signal);
      onPainted(restore);
      job.end(outcome);
    } catch (error) {
      if (this.#stopping.signal.aborted) job.end({ state: 'stopped' });
      else this.#failed(job, preparation, error);
    }
  }

  #failed(job: Job, prepared: Prepared, error: unknown): void {
    const { queue, work, log } = this.#deps;
    job.failures += 1;
    log.warn({ err: error, presentationId: job.request.presentationId, failures: job.failures }, 'refresh failed');
    job.prepared = undefined;
    if (!queue.putBack(job)) return;
    if (job.failures < MAX_ATTEMPTS) work.track(this.#retryLater(job, prepared));
    else queue.fail(job, { stage: 'paint', ...describeFailure(error, 'display.failed'), retryable: true });
  }

  async #retryLater(job: Job, prepared: Prepared): Promise<void> {
    const { clock, random } = this.#deps;
    const waitMs = backOffMs(BACK_OFF, job.failures, random);
    await clock.sleep(waitMs, AbortSignal.any([job.signal, this.#stopping.signal])).catch(() => undefined);
    if (job.hasEnded || this.#stopping.signal.aborted) return;
    job.prepared = prepared;
    this.#wake.notify();
  }
}
