import type { Logger } from 'pino';
import type { Clock, Epd, RefreshPolicy, Surroundings } from '../../hardware/index.js';
import type { Displays, Restore } from '../storage/displays.js';
import type { Ledger } from '../storage/ledger.js';
import { persist } from '../storage/persist.js';
import type { GlassRecord } from './glass-record.js';
import type { JobRequest, Outcome } from './job.js';
import type { Prepared } from './preparer.js';

export type PainterDeps = {
  displayId: string;
  epd: Pick<Epd, 'show' | 'sleep' | 'drives'>;
  policy: Pick<RefreshPolicy, 'choose'>;
  glass: Pick<GlassRecord, 'history' | 'nowMs' | 'painted' | 'lost' | 'wear'>;
  displays: Pick<Displays, 'require' | 'setAsleep'>;
  ledger: Pick<Ledger, 'beginRefresh' | 'confirm'>;
  clock: Pick<Clock, 'now' | 'sleep'>;
  log: Logger;
};

/** What came onto the glass, and what comes back to it later. */
export type Painted = { outcome: Extract<Outcome, { state: 'shown' }>; restore: Restore | undefined };

/** Brings frames onto one glass, each with its proof. */
export class Painter {
  readonly #deps: PainterDeps;

  constructor(deps: PainterDeps) {
    this.#deps = deps;
  }

  /**
   * The signal ends the wait for room on the card.
   * @throws what the panel and the store throw; the next refresh is then a full one
   */
  async paint(request: JobRequest, prepared: Prepared, room: Surroundings, signal: AbortSignal): Promise<Painted> {
    const { epd, glass } = this.#deps;
    const { drives } = epd;
    try {
      return await this.#paint(request, prepared, room, signal);
    } catch (error) {
      glass.lost({ driven: epd.drives !== drives });
      throw error;
    }
  }

  /** False: it could not be put to sleep, and is to be tried again. */
  async sleep(): Promise<boolean> {
    const { epd, displays, displayId, log } = this.#deps;
    try {
      await epd.sleep();
      displays.setAsleep(displayId);
      return true;
    } catch (error) {
      log.warn({ err: error }, 'panel not put to sleep');
      return false;
    }
  }

  async #paint(
    request: JobRequest,
    { frame, renderedMs, stored }: Prepared,
    room: Surroundings,
    signal: AbortSignal,
  ): Promise<Painted> {
    const { epd, policy, glass, displays, ledger, clock, log, displayId } = this.#deps;
    // The high voltage must not stay on until somebody frees the card.
    const within = { clock, log, signal, beforeWait: () => this.sleep() };
    const { presentationId, kind, forceFull } = request;
    const isNew = kind === 'content' && presentationId !== null;
    const row = displays.require(displayId);
    const shownId = kind === 'redraw' ? row.currentPresentationId : presentationId;
    const choice = policy.choose(frame, glass.history, glass.nowMs, room);
    const mode = forceFull === true ? 'full' : choice.mode;
    const rendered = { frameSha256: frame.sha256, atMs: renderedMs };
    await persist(() => ledger.beginRefresh(displayId, isNew ? { presentationId, ...rendered } : undefined), within);
    const shown = await epd.show(frame, mode);
    const paintedMs = clock.now();
    glass.painted(mode, frame);
    // What is on the glass is on it, also without a copy on the card.
    await stored.catch((error: unknown) => log.warn({ err: error }, 'frame not kept'));
    const { wear } = glass;
    const restore = request.restore?.();
    const proof = { displayId, presentationId: shownId, frameSha256: frame.sha256, refresh: mode, wear };
    await persist(() => ledger.confirm({ ...proof, paintedMs, ...(restore === undefined ? {} : { restore }) }), within);
    log.info({ presentationId: shownId, reason: request.reason ?? choice.reason, ...shown }, 'frame shown');
    return { outcome: { state: 'shown', frameSha256: frame.sha256, refresh: mode }, restore };
  }
}
