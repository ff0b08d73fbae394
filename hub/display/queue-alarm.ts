import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { Displays } from '../storage/displays.js';
import type { WiredDisplay } from './wired-display.js';

/** What only the people in the house can mend. */
export type Alarm = { code: string; advice: string };

export type QueueAlarmDeps = {
  /** undefined: nothing that they must do. */
  alarm: () => Alarm | undefined;
  display: Pick<WiredDisplay, 'displayId' | 'showScreen' | 'giveBack'>;
  displays: Pick<Displays, 'require'>;
  clock: Pick<Clock, 'sleep' | 'monotonic'>;
  log: Logger;
};

const LOOK_EVERY_MS = 60_000;
/** What is over sooner is no reason to touch the glass. */
const STANDS_FOR_MS = 10 * 60_000;
/** The longest that a screen of the hub may be shown for. */
const SHOWN_FOR_S = 60 * 60;
const TITLE = 'This hub needs you';

/**
 * Says on the glass what the household must do, once for each time that it must; what was shown comes back when it is
 * done, after an hour, or with the next thing that somebody shows.
 */
export class QueueAlarm {
  readonly #deps: QueueAlarmDeps;
  readonly #stopping = new AbortController();
  #standing: { code: string; sinceMs: number; frameSha256: string | undefined; isTold: boolean } | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: QueueAlarmDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        log.error({ err: error }, 'what the household must do is not told on the glass, will try again');
      }
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { alarm, clock } = this.#deps;
    const now = alarm();
    if (now === undefined) return this.#end();
    if (this.#standing?.code !== now.code) {
      this.#standing = { code: now.code, sinceMs: clock.monotonic(), frameSha256: undefined, isTold: false };
    }
    const standing = this.#standing;
    if (standing.isTold || clock.monotonic() - standing.sinceMs < STANDS_FOR_MS) return;
    const data = { title: TITLE, text: now.advice, code: now.code };
    const wanted = () => alarm()?.code === now.code;
    const outcome = await this.#deps.display.showScreen(
      { kind: 'screen', name: 'error', data },
      { wanted, showForS: SHOWN_FOR_S },
    );
    if (outcome.state !== 'shown') return;
    standing.isTold = true;
    standing.frameSha256 = outcome.frameSha256;
    this.#deps.log.warn({ code: now.code }, 'told on the glass what the household must do');
  }

  /** It is done: what was shown comes back at once, if the glass still shows the alarm. */
  #end(): void {
    const { display, displays } = this.#deps;
    const shown = this.#standing?.frameSha256;
    this.#standing = undefined;
    if (shown !== undefined && displays.require(display.displayId).frameSha256 === shown) display.giveBack();
  }
}
