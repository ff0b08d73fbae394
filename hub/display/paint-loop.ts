import type { Logger } from 'pino';
import type { Clock, Surroundings } from '../../hardware/index.js';
import { backOffMs } from '../back-off.js';
import { describeFailure } from '../errors.js';
import { Signal } from '../signal.js';
import type { Restore } from '../storage/displays.js';
import type { ShowFailure } from '../storage/ledger.js';
import type { BackgroundWork } from './background-work.js';
import type { GlassCare, Rest } from './glass-care.js';
import type { Job, JobRequest } from './job.js';
import type { JobQueue } from './job-queue.js';
import type { Painter } from './painter.js';

/** Why what waits is not painted yet, and until when by the wall clock if that is known. */
export type HeldBack = { why: Rest['why']; untilMs: number | undefined };

export type PaintLoopDeps = {
  queue: JobQueue;
  painter: Pick<Painter, 'paint' | 'sleep'>;
  care: Pick<GlassCare, 'restsAfterRefresh' | 'room' | 'rest' | 'upkeep'>;
  /** What wipes the glass and leaves what it shows. */
  upkeep: () => JobRequest;
  work: Pick<BackgroundWork, 'track'>;
  /** Told what comes back to the glass after each frame, if anything. */
  onPainted: (restore: Restore | undefined) => void;
  clock: Pick<Clock, 'now' | 'sleep'>;
  random: () => number;
  log: Logger;
};

const MAX_ATTEMPTS = 4;
const BACK_OFF = { baseMs: 1000, capMs: 15_000 };
/** While a frame waits for another temperature. */
const LOOK_AT_ROOM_MS = 60_000;
/** While nothing waits: whether the glass needs to be wiped. The panel does not notice. */
const LOOK_AT_GLASS_MS = 10 * 60_000;
/** A store that cannot be read is not asked without end. */
const LOOK_AGAIN_MS = 5000;

/** Paints what waits for one glass, one after the other; the panel sleeps in between. */
export class PaintLoop {
  readonly #deps: PaintLoopDeps;
  readonly #wake = new Signal();
  readonly #stopping = new AbortController();
  /** The panel may hold its high voltage. */
  #awake = false;
  #heldBack: HeldBack | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: PaintLoopDeps) {
    this.#deps = deps;
  }

  /** Aborts when the display stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Undefined: nothing waits, or for another reason. */
  get heldBack(): HeldBack | undefined {
    return this.#heldBack;
  }

  /** `awake`: a stopped process may have left the panel so. */
  start(awake: boolean): void {
    this.#awake = awake;
    this.#loop ??= this.#run();
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

  async #run(): Promise<void> {
    const { painter, log } = this.#deps;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        log.error({ err: error }, 'the state of the glass is not readable');
        await this.#pause(LOOK_AGAIN_MS);
      }
    }
    if (this.#awake) await painter.sleep();
  }

  async #step(): Promise<void> {
    const { queue, care, clock } = this.#deps;
    const room = await care.room();
    if (this.#stopping.signal.aborted) return;
    const job = queue.next({ newestFirst: care.restsAfterRefresh });
    const rest = job === undefined ? undefined : care.rest(room);
    const untilMs = rest?.leftMs === undefined ? undefined : clock.now() + rest.leftMs;
    this.#heldBack = rest === undefined ? undefined : { why: rest.why, untilMs };
    if (job === undefined) await this.#idle();
    else if (rest === undefined) await this.#take(job, room);
    // A timer cannot wait for a month, and whoever set so long a rest has time.
    else await this.#pause(Math.min(rest.leftMs ?? LOOK_AT_ROOM_MS, LOOK_AT_GLASS_MS));
  }

  /** Nothing is to be painted, unless the glass needs it. */
  async #idle(): Promise<void> {
    const { queue, care, upkeep } = this.#deps;
    await this.#pause(LOOK_AT_GLASS_MS);
    const room = await care.room();
    const reason = queue.isEmpty && !this.#stopping.signal.aborted ? care.upkeep(room) : undefined;
    if (reason !== undefined) queue.submit({ ...upkeep(), reason });
  }

  /** The panel sleeps meanwhile. */
  async #pause(ms: number): Promise<void> {
    // One that could not be put to sleep is tried again after the pause.
    if (this.#awake) this.#awake = !(await this.#deps.painter.sleep());
    await this.#wake.waitAtMost(ms, this.#deps.clock, this.#stopping.signal);
  }

  async #take(job: Job, room: Surroundings): Promise<void> {
    const { queue, log } = this.#deps;
    queue.take(job);
    this.#awake = true;
    try {
      await this.#paint(job, room);
    } catch (error) {
      // Neither its end nor its failure could be stored: the next start of the hub takes it up again.
      log.error({ err: error, presentationId: job.request.presentationId }, 'end of a job not stored');
      job.end({ state: 'stopped' });
    }
  }

  async #paint(job: Job, room: Surroundings): Promise<void> {
    const { queue, painter, onPainted } = this.#deps;
    if (job.request.wanted?.() === false) {
      job.end({ state: 'superseded', by: null });
      return;
    }
    // What is drawn again is what the glass shows now, not what it showed when it was asked.
    const preparation = job.prepared ?? (await job.request.prepare(job.signal));
    const failure = preparation.ok ? lateness(job.request) : preparation.failure;
    if (failure !== undefined) queue.fail(job, failure);
    if (failure !== undefined || !preparation.ok) return;
    try {
      const { outcome, restore } = await painter.paint(job.request, preparation, room, this.#stopping.signal);
      onPainted(restore);
      queue.lapseScreens(job);
      job.end(outcome);
    } catch (error) {
      if (this.#stopping.signal.aborted) job.end({ state: 'stopped' });
      else this.#failed(job, error);
    }
  }

  #failed(job: Job, error: unknown): void {
    const { queue, work, log } = this.#deps;
    job.failures += 1;
    log.warn({ err: error, presentationId: job.request.presentationId, failures: job.failures }, 'refresh failed');
    job.isBackingOff = true;
    if (!queue.putBack(job)) return;
    if (job.failures < MAX_ATTEMPTS) work.track(this.#retryLater(job));
    else queue.fail(job, { stage: 'paint', ...describeFailure(error, 'display.failed'), retryable: true });
  }

  async #retryLater(job: Job): Promise<void> {
    const { clock, random } = this.#deps;
    const waitMs = backOffMs(BACK_OFF, job.failures, random);
    await clock.sleep(waitMs, AbortSignal.any([job.signal, this.#stopping.signal])).catch(() => undefined);
    if (job.hasEnded || this.#stopping.signal.aborted) return;
    job.isBackingOff = false;
    this.#wake.notify();
  }
}

function lateness({ isOverdue }: JobRequest): ShowFailure | undefined {
  if (isOverdue?.() !== true) return undefined;
  const message = 'its time was over before it could be painted';
  return { stage: 'paint', code: 'command.deadline-passed', message, retryable: false };
}
