import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { RenderInput } from '../../render/index.js';
import { Signal } from '../signal.js';
import type { Binding } from '../storage/binding.js';
import type { Displays } from '../storage/displays.js';
import type { Meta } from '../storage/meta.js';
import type { WiredDisplay } from './wired-display.js';

/** What keeps the hub from becoming one of the fleet, in the words of the page. */
export type Trouble = {
  /** waiting: it may pass by itself · refused: somebody has to do something. */
  state: 'waiting' | 'refused';
  code: string;
  /** What the hub was at, to be read after the code; may be empty. */
  during: string;
  advice: string;
};

export type TroubleScreenDeps = {
  /** undefined: none, or the hub has its identity. */
  trouble: () => Trouble | undefined;
  display: Pick<WiredDisplay, 'displayId' | 'showScreen' | 'blank'>;
  displays: Pick<Displays, 'require'>;
  binding: Pick<Binding, 'household'>;
  meta: Pick<Meta, 'get' | 'set'>;
  clock: Pick<Clock, 'monotonic' | 'sleep'>;
  log: Logger;
};

/** Glass that was driven rests for minutes: what passes within these times is told by the page alone. */
const STANDS_FOR_MS = { waiting: 120_000, refused: 20_000 } as const;
/** What a hub with an identity shows next, such as its claim code, takes the trouble off the glass by itself. */
const LINGERS_MS = 300_000;
const RETRY_MS = 60_000;
const TITLES = { waiting: 'Setting up this hub', refused: 'This hub cannot be set up' } as const;

/**
 * Puts on the glass why the hub has no identity, where a person stands before it. Only on glass that shows nothing of a
 * household, and again only when there is something else to say.
 */
export class TroubleScreen {
  readonly #deps: TroubleScreenDeps;
  readonly #changed = new Signal();
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #lasting: { state: Trouble['state'] | undefined; sinceMs: number; key: string; keySinceMs: number } | undefined;

  constructor(deps: TroubleScreenDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** There may be another trouble, or none. */
  notify(): void {
    this.#changed.notify();
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const waitMs = await this.#attend();
      if (waitMs === undefined) await this.#changed.wait(signal);
      else await this.#changed.waitAtMost(waitMs, clock, signal);
    }
  }

  /** Gives in how many milliseconds to look again; undefined: at the next notice. Never rejects. */
  async #attend(): Promise<number | undefined> {
    try {
      const trouble = this.#deps.trouble();
      const leftMs = this.#leftMs(trouble);
      if (leftMs > 0) return leftMs;
      await (trouble === undefined ? this.#takeOff() : this.#show(trouble));
      return undefined;
    } catch (error) {
      this.#deps.log.error({ err: error, retryInMs: RETRY_MS }, 'trouble not told on the glass, will try again');
      return RETRY_MS;
    }
  }

  /** Codes may take turns while the trouble lasts: that it lasts is told, and not each turn. */
  #leftMs(trouble: Trouble | undefined): number {
    const nowMs = this.#deps.clock.monotonic();
    const state = trouble?.state;
    const key = keyOf(trouble);
    let lasting = this.#lasting;
    if (lasting === undefined || lasting.state !== state) lasting = { state, sinceMs: nowMs, key, keySinceMs: nowMs };
    else if (lasting.key !== key) lasting = { ...lasting, key, keySinceMs: nowMs };
    this.#lasting = lasting;
    const standsForMs = trouble === undefined ? LINGERS_MS : STANDS_FOR_MS[trouble.state];
    return (this.#isOnGlass() ? lasting.keySinceMs : lasting.sinceMs) + standsForMs - nowMs;
  }

  async #show(trouble: Trouble): Promise<void> {
    const { display, meta, log } = this.#deps;
    const key = keyOf(trouble);
    if (!this.#mayShow() || (this.#isOnGlass() && meta.get('trouble_shown') === key)) return;
    const { state, code, during, advice } = trouble;
    const data = { title: TITLES[state], text: advice, code: `${code}${during}` };
    const input: RenderInput = { kind: 'screen', name: 'error', data };
    const wanted = () => this.#mayShow() && keyOf(this.#deps.trouble()) === key;
    const outcome = await display.showScreen(input, { wanted });
    if (outcome.state !== 'shown') return;
    meta.set('trouble_shown', key);
    meta.set('trouble_frame', outcome.frameSha256);
    log.info({ code }, 'told on the glass why there is no identity');
  }

  async #takeOff(): Promise<void> {
    if (this.#isOnGlass()) await this.#deps.display.blank();
  }

  /** Whatever a household put there, or will, stays. */
  #mayShow(): boolean {
    const { display, displays, binding } = this.#deps;
    const { currentPresentationId, pendingPresentationId } = displays.require(display.displayId);
    return currentPresentationId === null && pendingPresentationId === null && binding.household() === undefined;
  }

  #isOnGlass(): boolean {
    const { display, displays, meta } = this.#deps;
    const { frameSha256, currentPresentationId } = displays.require(display.displayId);
    return currentPresentationId === null && frameSha256 !== null && frameSha256 === meta.get('trouble_frame');
  }
}

function keyOf(trouble: Trouble | undefined): string {
  return trouble === undefined ? '' : `${trouble.state} ${trouble.code}${trouble.during} ${trouble.advice}`;
}
