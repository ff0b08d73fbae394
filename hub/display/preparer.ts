import type { Logger } from 'pino';
import type { Page } from '../../contract/index.js';
import type { Clock, Frame } from '../../hardware/index.js';
import type { Renderer, RenderInput, RenderTarget } from '../../render/index.js';
import { describeFailure, HubError } from '../errors.js';
import type { Blobs } from '../storage/blobs.js';
import type { ShowFailure } from '../storage/ledger.js';

/** A frame ready for the glass; `stored` settles once it is on disk under its hash. */
export type Prepared = { ok: true; frame: Frame; renderedMs: number; stored: Promise<unknown> };

export type Preparation = Prepared | { ok: false; failure: ShowFailure };

/** Brings the bytes of a picture, from disk or from the cloud. */
export type FetchPicture = (picture: Page['pictures'][number], signal: AbortSignal) => Promise<Uint8Array>;

const LASTING_FETCH_FAILURES = new Set(['asset.refused', 'asset.damaged', 'asset.too-large']);

/** Makes frames: fetches pictures, lays out and draws in the render worker, and begins to store. Never rejects. */
export class Preparer {
  readonly #renderer: Pick<Renderer, 'render'>;
  readonly #target: RenderTarget;
  readonly #frames: Pick<Blobs, 'put'>;
  readonly #fetchPicture: FetchPicture;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Pick<Logger, 'warn'>;

  constructor(deps: {
    renderer: Pick<Renderer, 'render'>;
    target: RenderTarget;
    frames: Pick<Blobs, 'put'>;
    fetchPicture: FetchPicture;
    clock: Pick<Clock, 'now'>;
    log: Pick<Logger, 'warn'>;
  }) {
    this.#renderer = deps.renderer;
    this.#target = deps.target;
    this.#frames = deps.frames;
    this.#fetchPicture = deps.fetchPicture;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async page(page: Page, signal: AbortSignal, presentationId: string | null): Promise<Preparation> {
    const pictures: Uint8Array[] = [];
    try {
      for (const picture of page.pictures) pictures.push(await this.#fetchPicture(picture, signal));
    } catch (error) {
      const why = describeFailure(error, 'asset.unreachable');
      const retryable = !(error instanceof HubError && LASTING_FETCH_FAILURES.has(error.code));
      return { ok: false, failure: { stage: 'fetch', ...why, retryable } };
    }
    return this.screen({ kind: 'page', page: { ...page, pictures } }, signal, presentationId);
  }

  async screen(input: RenderInput, signal: AbortSignal, presentationId: string | null = null): Promise<Preparation> {
    try {
      const frame = await this.#renderer.render(input, this.#target, signal, (warning) => {
        this.#log.warn({ presentationId, kind: input.kind, ...warning }, 'drawn worse than asked for');
      });
      const stored = this.#frames.put(frame.data);
      // Awaited before the proof is committed; until then a failure must not count as unhandled.
      stored.catch(() => undefined);
      return { ok: true, frame, renderedMs: this.#clock.now(), stored };
    } catch (error) {
      return { ok: false, failure: { stage: 'render', ...describeFailure(error, 'hub.internal'), retryable: false } };
    }
  }
}
