import type { Logger } from 'pino';
import type { Page } from '../../contract/index.js';
import type { Clock, Epd, RefreshPolicy } from '../../hardware/index.js';
import type { RenderInput } from '../../render/index.js';
import { backOffMs } from '../back-off.js';
import { describeFailure, HubError } from '../errors.js';
import type { PanelGeometry } from '../reports/display-states.js';
import { Signal } from '../signal.js';
import type { Blobs } from '../storage/blobs.js';
import type { DisplayRow, Displays } from '../storage/displays.js';
import type { Ledger, ShowFailure } from '../storage/ledger.js';
import { persist } from '../storage/persist.js';
import type { Presentation } from '../storage/presentations.js';
import { BackgroundWork } from './background-work.js';
import { Job, type JobKind, type JobRequest, type Outcome } from './job.js';
import type { Prepared, Preparer } from './preparer.js';
import { RestoreTimer } from './restore-timer.js';
import { blankFrame, restoreAt, restoreOf, storedFrame, UNPAINTED } from './stored-frame.js';

export type WiredDisplayDeps = {
  displayId: string;
  panel: PanelGeometry;
  epd: Pick<Epd, 'show' | 'sleep'>;
  policy: Pick<RefreshPolicy, 'choose' | 'after'>;
  preparer: Pick<Preparer, 'page' | 'screen'>;
  frames: Pick<Blobs, 'get' | 'put'>;
  displays: Pick<Displays, 'get' | 'setAsleep'>;
  ledger: Pick<Ledger, 'beginRefresh' | 'confirm' | 'supersede' | 'fail'>;
  clock: Clock;
  random: () => number;
  log: Logger;
};

const MAX_PAINT_ATTEMPTS = 4;
const PAINT_BACK_OFF = { baseMs: 1000, capMs: 15_000 };

/** One display that the hub drives itself: the latest wins, and what was shown is proved. */
export class WiredDisplay {
  readonly #deps: WiredDisplayDeps;
  readonly #log: Logger;
  readonly #waiting = new Map<JobKind, Job>();
  readonly #wake = new Signal();
  readonly #stopping = new AbortController();
  readonly #work: BackgroundWork;
  readonly #restoreTimer: RestoreTimer;
  #glass: Parameters<RefreshPolicy['choose']>[1] = UNPAINTED;
  #loop: Promise<void> | undefined;

  constructor(deps: WiredDisplayDeps) {
    this.#deps = deps;
    this.#log = deps.log.child({ displayId: deps.displayId });
    this.#restoreTimer = new RestoreTimer(deps.clock);
    this.#work = new BackgroundWork(this.#log);
  }

  get displayId(): string {
    return this.#deps.displayId;
  }

  /** Leaves the glass alone unless something is asked for; puts a panel to sleep that a stopped process left awake. */
  start(): void {
    const row = this.#row();
    if (row.restoreAtMs !== null) this.#scheduleRestore(row.restoreAtMs);
    this.#loop ??= this.#run(row.awake === 1);
  }

  /** A refresh that has begun is waited for. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.notify();
    await this.#loop;
    for (const job of this.#waiting.values()) job.end({ state: 'stopped' });
    await this.#work.settled();
  }

  /** An accepted presentation for whose end nobody waits. */
  take({ presentationId, page }: Pick<Presentation, 'presentationId' | 'page'>): void {
    this.#submitPage(presentationId, page);
  }

  /** An accepted presentation. Aborting the signal with `display.superseded` drops it unless it is being painted. */
  show(presentation: Presentation, signal?: AbortSignal): Promise<Outcome> {
    const job = this.#submitPage(presentation.presentationId, presentation.page);
    const drop = () => this.#drop(job, signal?.reason);
    if (signal?.aborted === true) drop();
    else signal?.addEventListener('abort', drop, { once: true, signal: job.signal });
    return job.done;
  }

  /** A screen of the hub's own; with `showForS`, what was on the glass comes back after so many seconds. */
  showScreen(input: RenderInput, showForS?: number): Promise<Outcome> {
    const prepare = (ended: AbortSignal) => this.#deps.preparer.screen(input, ended);
    const { clock } = this.#deps;
    const restore = () => (showForS === undefined ? undefined : restoreAt(this.#row(), clock.now() + showForS * 1000));
    return this.#submit({ kind: 'screen', presentationId: null, prepare, restore }).done;
  }

  /** Drives the whole glass with what it shows. */
  redraw(): Promise<Outcome> {
    const prepare = async () => storedFrame(this.#row().frameSha256, this.#deps);
    const restore = () => restoreOf(this.#row());
    return this.#submit({ kind: 'redraw', presentationId: null, forceFull: true, prepare, restore }).done;
  }

  /** Takes everything off the glass. */
  blank(): Promise<Outcome> {
    const { panel, frames, clock } = this.#deps;
    const frame = blankFrame(panel);
    const prepare = async () => ({ ok: true, frame, renderedMs: clock.now(), stored: frames.put(frame.data) }) as const;
    return this.#submit({ kind: 'screen', presentationId: null, prepare }).done;
  }

  /** Drops presentations that wait, whose end is stored already. One that is being painted is painted. */
  forget(isForgotten: (presentationId: string) => boolean): void {
    const job = this.#waiting.get('content');
    if (job?.request.presentationId == null || !isForgotten(job.request.presentationId)) return;
    this.#forget(job);
    job.end({ state: 'superseded', by: null });
  }

  #submitPage(presentationId: string, page: Page): Job {
    const prepare = (ended: AbortSignal) => this.#deps.preparer.page(page, ended);
    return this.#submit({ kind: 'content', presentationId, prepare });
  }

  #submit(request: JobRequest): Job {
    const job = new Job(request);
    const older = this.#waiting.get(request.kind);
    if (older !== undefined) this.#supersede(older, request.presentationId);
    // Deleted first, so that the map stays in the order of asking.
    this.#waiting.delete(request.kind);
    this.#waiting.set(request.kind, job);
    if (job.isRedraw) this.#wake.notify();
    else this.#work.track(this.#prepare(job));
    return job;
  }

  async #prepare(job: Job): Promise<void> {
    const preparation = await job.request.prepare(job.signal);
    if (job.hasEnded || this.#stopping.signal.aborted) return;
    if (preparation.ok) job.prepared = preparation;
    else {
      this.#forget(job);
      this.#fail(job, preparation.failure);
    }
    this.#wake.notify();
  }

  async #run(sleepFirst: boolean): Promise<void> {
    if (sleepFirst && this.#waiting.size === 0) await this.#sleep();
    while (!this.#stopping.signal.aborted) {
      const job = this.#nextReady();
      if (job === undefined) {
        await this.#wake.wait(this.#stopping.signal);
        continue;
      }
      this.#forget(job);
      try {
        await this.#paint(job);
      } catch (error) {
        // Neither its end nor its failure could be stored: the next start of the hub takes it up again.
        this.#log.error({ err: error, presentationId: job.request.presentationId }, 'end of a job not stored');
        job.end({ state: 'stopped' });
      }
      if (this.#nextReady() === undefined) await this.#sleep();
    }
  }

  #nextReady(): Job | undefined {
    for (const job of this.#waiting.values()) {
      if (job.prepared !== undefined || (job.isRedraw && job.failures === 0)) return job;
    }
    return undefined;
  }

  async #paint(job: Job): Promise<void> {
    if (job.request.wanted?.() === false) {
      job.end({ state: 'superseded', by: null });
      return;
    }
    // What is drawn again is what the glass shows now, not what it showed when it was asked.
    const preparation = job.prepared ?? (await job.request.prepare(job.signal));
    if (!preparation.ok) {
      this.#fail(job, preparation.failure);
      return;
    }
    try {
      await this.#drive(job, preparation);
    } catch (error) {
      this.#glass = UNPAINTED;
      if (this.#stopping.signal.aborted) job.end({ state: 'stopped' });
      else this.#paintFailed(job, preparation, error);
    }
  }

  async #drive(job: Job, { frame, renderedMs, stored }: Prepared): Promise<void> {
    const { epd, policy, ledger, clock, displayId } = this.#deps;
    const within = { clock, log: this.#log, signal: this.#stopping.signal };
    const { presentationId, kind, forceFull } = job.request;
    const isNew = kind === 'content' && presentationId !== null;
    const row = this.#row();
    const restore = job.request.restore?.();
    const shownId = kind === 'redraw' ? row.currentPresentationId : presentationId;
    const choice = policy.choose(frame, this.#glass, clock.now());
    const mode = forceFull === true ? 'full' : choice.mode;
    const rendered = { frameSha256: frame.sha256, atMs: renderedMs };
    await persist(() => ledger.beginRefresh(displayId, isNew ? { presentationId, ...rendered } : undefined), within);
    const shown = await epd.show(frame, mode);
    const paintedMs = clock.now();
    // What is on the glass is on it, also without a copy on the card.
    await stored.catch((error: unknown) => this.#log.warn({ err: error }, 'frame not kept'));
    this.#glass = policy.after({ mode }, frame, this.#glass, paintedMs);
    const { partialsSinceFull } = this.#glass;
    const proof = { displayId, presentationId: shownId, frameSha256: frame.sha256, refresh: mode, partialsSinceFull };
    await persist(() => ledger.confirm({ ...proof, paintedMs, ...(restore === undefined ? {} : { restore }) }), within);
    this.#restoreTimer.cancel();
    if (restore !== undefined) this.#scheduleRestore(restore.atMs);
    this.#log.info({ presentationId: shownId, reason: choice.reason, ...shown }, 'frame shown');
    job.end({ state: 'shown', frameSha256: frame.sha256, refresh: mode });
  }

  #paintFailed(job: Job, prepared: Prepared, error: unknown): void {
    job.failures += 1;
    const why = describeFailure(error, 'display.failed');
    const { presentationId } = job.request;
    this.#log.warn({ err: error, presentationId, failures: job.failures }, 'refresh failed');
    const newer = this.#waiting.get(job.request.kind);
    if (newer !== undefined) this.#supersede(job, newer.request.presentationId);
    else if (job.failures >= MAX_PAINT_ATTEMPTS) this.#fail(job, { stage: 'paint', ...why, retryable: true });
    else {
      job.prepared = undefined;
      this.#waiting.set(job.request.kind, job);
      this.#work.track(this.#retryLater(job, prepared));
    }
  }

  async #retryLater(job: Job, prepared: Prepared): Promise<void> {
    const { clock, random } = this.#deps;
    const waitMs = backOffMs(PAINT_BACK_OFF, job.failures, random);
    await clock.sleep(waitMs, AbortSignal.any([job.signal, this.#stopping.signal])).catch(() => undefined);
    if (job.hasEnded || this.#stopping.signal.aborted) return;
    job.prepared = prepared;
    this.#wake.notify();
  }

  /** A panel that cannot be put to sleep is tried again at the next start or after the next refresh. */
  async #sleep(): Promise<void> {
    try {
      await this.#deps.epd.sleep();
      this.#deps.displays.setAsleep(this.displayId);
    } catch (error) {
      this.#log.warn({ err: error }, 'panel not put to sleep');
    }
  }

  #scheduleRestore(atMs: number): void {
    this.#work.track(this.#restoreTimer.run(atMs, this.#stopping.signal, () => this.#restore()));
  }

  #restore(): void {
    const { restorePresentationId, restoreFrameSha256 } = this.#row();
    if (restoreFrameSha256 === null) return;
    const prepare = async () => storedFrame(restoreFrameSha256, this.#deps);
    const wanted = () => this.#row().restoreFrameSha256 === restoreFrameSha256;
    this.#submit({ kind: 'restore', presentationId: restorePresentationId, prepare, wanted });
  }

  #drop(job: Job, reason: unknown): void {
    if (this.#waiting.get(job.request.kind) !== job) return;
    if (!(reason instanceof HubError) || reason.code !== 'display.superseded') return;
    this.#forget(job);
    const { by } = reason.details;
    this.#supersede(job, typeof by === 'string' ? by : null);
  }

  #supersede(job: Job, by: string | null): void {
    const { presentationId, kind } = job.request;
    // Asked for again: the newer job carries the same presentation to its end.
    const isOver = presentationId !== null && presentationId !== by && kind === 'content';
    if (isOver) this.#deps.ledger.supersede(presentationId, by);
    job.end({ state: 'superseded', by });
  }

  #fail(job: Job, failure: ShowFailure): void {
    this.#log.warn({ presentationId: job.request.presentationId, ...failure }, 'not shown');
    const { presentationId, kind } = job.request;
    if (presentationId !== null && kind === 'content') this.#deps.ledger.fail(presentationId, failure);
    job.end({ state: 'failed', ...failure });
  }

  #forget(job: Job): void {
    if (this.#waiting.get(job.request.kind) === job) this.#waiting.delete(job.request.kind);
  }

  #row(): DisplayRow {
    const row = this.#deps.displays.get(this.displayId);
    if (row === undefined) throw new HubError('display.unknown', `no display ${this.displayId}`);
    return row;
  }
}
