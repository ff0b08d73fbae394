import type { Logger } from 'pino';
import type { Page } from '../../contract/index.js';
import type { Clock, RefreshPolicy } from '../../hardware/index.js';
import type { RenderInput } from '../../render/index.js';
import { HubError } from '../errors.js';
import type { PanelGeometry } from '../reports/display-states.js';
import type { Blobs } from '../storage/blobs.js';
import { type DisplayRow, isCleared, type Restore } from '../storage/displays.js';
import type { Ledger } from '../storage/ledger.js';
import type { Presentation } from '../storage/presentations.js';
import { BackgroundWork } from './background-work.js';
import { GlassCare, type GlassCareDeps } from './glass-care.js';
import { GlassRecord } from './glass-record.js';
import type { Job, JobRequest, Outcome } from './job.js';
import { JobQueue } from './job-queue.js';
import { type HeldBack, PaintLoop } from './paint-loop.js';
import { Painter, type PainterDeps } from './painter.js';
import type { Prepared, Preparer } from './preparer.js';
import { RestoreTimer } from './restore-timer.js';
import { blankFrame, restoreAt, restoreOf, storedFrame } from './stored-frame.js';

export type WiredDisplayDeps = Omit<PainterDeps, 'glass'> & {
  panel: PanelGeometry;
  policy: Pick<RefreshPolicy, 'choose' | 'after' | 'hold' | 'restMs' | 'upkeep'>;
  roomTemperatureC: GlassCareDeps['roomTemperatureC'];
  localHour: GlassCareDeps['localHour'];
  preparer: Pick<Preparer, 'page' | 'screen'>;
  frames: Pick<Blobs, 'get' | 'put'>;
  ledger: Pick<Ledger, 'beginRefresh' | 'confirm' | 'supersede' | 'fail'>;
  clock: Clock;
  random: () => number;
  log: Logger;
};

/** What is asked of a job while it waits, and right before it is painted. */
type Within = { signal?: AbortSignal; isOverdue?: () => boolean };

/** `wanted` is asked right before painting: whether the screen still has a sense. */
export type ScreenOptions = Within & { showForS?: number; wanted?: () => boolean };

/** One display that the hub drives itself: the latest wins, and what was shown is proved. */
export class WiredDisplay {
  readonly #deps: WiredDisplayDeps;
  readonly #work: BackgroundWork;
  readonly #queue: JobQueue;
  readonly #loop: PaintLoop;
  readonly #restoreTimer: RestoreTimer;

  constructor(deps: WiredDisplayDeps) {
    const { displayId, displays, policy, roomTemperatureC, localHour, ledger, clock, random } = deps;
    const log = deps.log.child({ displayId });
    const glass = new GlassRecord({ displayId, displays, policy, clock });
    this.#deps = deps;
    this.#restoreTimer = new RestoreTimer(clock);
    this.#work = new BackgroundWork(log);
    this.#queue = new JobQueue({ ledger, log });
    this.#loop = new PaintLoop({
      queue: this.#queue,
      painter: new Painter({ ...deps, glass, log }),
      care: new GlassCare({ policy, glass, roomTemperatureC, localHour }),
      upkeep: () => this.#redrawRequest(),
      work: this.#work,
      onPainted: (restore) => this.#painted(restore),
      clock,
      random,
      log,
    });
  }

  get displayId(): string {
    return this.#deps.displayId;
  }

  /** Whether something that somebody asked for is on the glass, or is to come onto it. */
  get isTaken(): boolean {
    const { currentPresentationId, pendingPresentationId } = this.#row();
    return currentPresentationId !== null || pendingPresentationId !== null;
  }

  /** Why something that is to be shown is not shown yet, if it is for the sake of the glass. */
  get heldBack(): HeldBack | undefined {
    return this.#loop.heldBack;
  }

  /**
   * Leaves the glass alone unless something is asked for, or a stopped process left it half painted; puts a panel to sleep
   * that was left awake.
   */
  start(): void {
    const row = this.#row();
    if (row.restoreAtMs !== null) this.#scheduleRestore(row.restoreAtMs);
    else if (row.glass === 'unknown' && row.lastFullMs !== null && row.pendingPresentationId === null) {
      this.#submit({ ...this.#redrawRequest(), wanted: () => this.#row().glass === 'unknown' });
    }
    this.#loop.start(row.awake === 1);
  }

  /** A refresh that has begun is waited for. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#work.settled();
  }

  /** An accepted presentation for whose end nobody waits. */
  take({ presentationId, page }: Pick<Presentation, 'presentationId' | 'page'>): void {
    this.#submitPage(presentationId, page);
  }

  /**
   * An accepted presentation. Aborting the signal with `display.superseded` drops it unless it is being painted; what is
   * overdue when its turn comes fails as `command.deadline-passed`.
   */
  show({ presentationId, page }: Presentation, { signal, ...within }: Within = {}): Promise<Outcome> {
    return this.#droppedBy(signal, this.#submitPage(presentationId, page, within)).done;
  }

  /**
   * A screen of the hub's own; with `showForS`, what was on the glass comes back after so many seconds. The signal drops
   * it as it drops a presentation.
   */
  showScreen(input: RenderInput, { showForS, signal, ...asked }: ScreenOptions = {}): Promise<Outcome> {
    const prepare = (ended: AbortSignal) => this.#deps.preparer.screen(input, ended);
    const { clock } = this.#deps;
    const restore = () => (showForS === undefined ? undefined : restoreAt(this.#row(), clock.now() + showForS * 1000));
    return this.#droppedBy(signal, this.#submit({ kind: 'screen', presentationId: null, prepare, restore, ...asked }))
      .done;
  }

  /** Brings back at once what comes back to the glass later; nothing happens where there is no such thing. */
  giveBack(): void {
    this.#restore();
  }

  /** Drives the whole glass with what it shows. */
  redraw(): Promise<Outcome> {
    return this.#submit(this.#redrawRequest()).done;
  }

  /** Takes everything off the glass. */
  blank(signal?: AbortSignal): Promise<Outcome> {
    const prepare = async () => this.#blankFrame();
    return this.#droppedBy(signal, this.#submit({ kind: 'screen', presentationId: null, prepare })).done;
  }

  /** Drops presentations whose end is stored already. One that is being painted is painted, but not tried again. */
  forget(isForgotten: (presentationId: string) => boolean): void {
    this.#queue.forget(isForgotten);
  }

  #redrawRequest(): JobRequest {
    const prepare = async () => {
      const row = this.#row();
      return isCleared(row) ? this.#blankFrame() : storedFrame(row.frameSha256, this.#deps);
    };
    const restore = () => restoreOf(this.#row());
    return { kind: 'redraw', presentationId: null, forceFull: true, prepare, restore };
  }

  #blankFrame(): Prepared {
    const { panel, frames, clock } = this.#deps;
    const frame = blankFrame(panel);
    return { ok: true, frame, renderedMs: clock.now(), stored: frames.put(frame.data) };
  }

  #submitPage(presentationId: string, page: Page, within: Pick<JobRequest, 'isOverdue'> = {}): Job {
    const prepare = (ended: AbortSignal) => this.#deps.preparer.page(page, ended, presentationId);
    return this.#submit({ kind: 'content', presentationId, prepare, ...within });
  }

  #submit(request: JobRequest): Job {
    const job = this.#queue.submit(request);
    if (job.isRedraw) this.#loop.notify();
    else this.#work.track(this.#prepare(job));
    return job;
  }

  async #prepare(job: Job): Promise<void> {
    const preparation = await job.request.prepare(job.signal);
    if (job.hasEnded || this.#loop.stopping.aborted) return;
    if (preparation.ok) job.prepared = preparation;
    else this.#queue.fail(job, preparation.failure);
    this.#loop.notify();
  }

  #painted(restore: Restore | undefined): void {
    this.#restoreTimer.cancel();
    if (restore !== undefined) this.#scheduleRestore(restore.atMs);
  }

  #scheduleRestore(atMs: number): void {
    this.#work.track(this.#restoreTimer.run(atMs, this.#loop.stopping, () => this.#restore()));
  }

  #restore(): void {
    const { restorePresentationId, restoreFrameSha256 } = this.#row();
    if (restoreFrameSha256 === null) return;
    const prepare = async () => storedFrame(restoreFrameSha256, this.#deps);
    const wanted = () => this.#row().restoreFrameSha256 === restoreFrameSha256;
    this.#submit({ kind: 'restore', presentationId: restorePresentationId, prepare, wanted });
  }

  #droppedBy(signal: AbortSignal | undefined, job: Job): Job {
    const drop = () => this.#drop(job, signal?.reason);
    if (signal?.aborted === true) drop();
    else signal?.addEventListener('abort', drop, { once: true, signal: job.signal });
    return job;
  }

  #drop(job: Job, reason: unknown): void {
    if (!(reason instanceof HubError) || reason.code !== 'display.superseded') return;
    const { by } = reason.details;
    this.#queue.drop(job, typeof by === 'string' ? by : null);
  }

  #row(): DisplayRow {
    return this.#deps.displays.require(this.displayId);
  }
}
