import type { RefreshReason } from '../../hardware/index.js';
import type { Restore } from '../storage/displays.js';
import type { ShowFailure } from '../storage/ledger.js';
import type { Preparation, Prepared } from './preparer.js';

/** How a job ended. stopped: the hub stops, and nothing about it was committed. */
export type Outcome =
  | { state: 'shown'; frameSha256: string; refresh: 'full' | 'fast' | 'partial' }
  | { state: 'superseded'; by: string | null }
  | ({ state: 'failed' } & ShowFailure)
  | { state: 'stopped' };

/** Within a kind the latest wins; kinds do not replace each other. */
export type JobKind = 'content' | 'screen' | 'redraw' | 'restore';

/** Something that is to be on the glass. */
export type JobRequest = {
  kind: JobKind;
  presentationId: string | null;
  /** Flashes the whole glass, whatever the policy says. */
  forceFull?: boolean;
  prepare: (signal: AbortSignal) => Promise<Preparation>;
  /** Asked when it is on the glass, and before that is stored: what comes back later. */
  restore?: () => Restore | undefined;
  /** Asked right before painting: whether it is still wanted. */
  wanted?: () => boolean;
  /** Asked right before painting: whether it comes too late. */
  isOverdue?: () => boolean;
  /** Why the glass is painted, if it is not for the frame. */
  reason?: RefreshReason;
};

/** A request on its way. `done` never rejects. */
export class Job {
  readonly request: JobRequest;
  /** Of two jobs, the one that was asked for later has the higher place. */
  readonly place: number;
  readonly done: Promise<Outcome>;
  prepared: Prepared | undefined;
  /** Refreshes that failed so far. */
  failures = 0;
  /** After a failure it waits for a while before it is tried again. */
  isBackingOff = false;
  readonly #controller = new AbortController();
  #resolve: (outcome: Outcome) => void = () => undefined;

  constructor(request: JobRequest, place: number) {
    this.request = request;
    this.place = place;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Aborts once the job has ended, so that fetching and drawing for it stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What is drawn again is looked up right before painting, so it is ready at once. */
  get isRedraw(): boolean {
    return this.request.kind === 'redraw' || this.request.kind === 'restore';
  }

  get hasEnded(): boolean {
    return this.#controller.signal.aborted;
  }

  end(outcome: Outcome): void {
    this.#resolve(outcome);
    this.#controller.abort();
  }
}
