import type { Logger } from 'pino';
import type { Clock } from '../hardware/index.js';
import { adviceFor } from './api/advice.js';
import { stepWords } from './api/step-words.js';
import { QueueAlarm } from './display/queue-alarm.js';
import { TroubleScreen } from './display/trouble-screen.js';
import type { WiredDisplay } from './display/wired-display.js';
import type { IdentitySource } from './identity-source.js';
import type { Store } from './storage/store.js';

export type TroubleSideDeps = {
  /** undefined: the hub is meant to work on its own. */
  identity: Pick<IdentitySource, 'problem' | 'onChange'> | undefined;
  /** Why the hub, though it has its identity, cannot work with the cloud. */
  refusal: () => { code: string; message: string } | undefined;
  hasCloud: () => boolean;
  /** There is meant to be no cloud: nothing is kept for one, and nothing is refused for its sake. */
  isAlone: boolean;
  store: Pick<Store, 'displays' | 'binding' | 'meta' | 'outbox'>;
  display: WiredDisplay;
  clock: Clock;
  log: Logger;
};

/** What the glass says of the hub itself, where somebody must know of it. */
export type TroubleSide = {
  /** There may be another trouble, or none. */
  notify(): void;
  stop(): Promise<void>;
};

/** Tells on the glass why the hub has no identity, and what only the household can mend. */
export function startTrouble(deps: TroubleSideDeps): TroubleSide {
  const screen = startScreen(deps);
  const { store, display, isAlone, clock, log } = deps;
  const { displays, outbox } = store;
  const full = { code: 'outbox.full', advice: adviceFor('outbox.full') };
  const alarm = () => (isAlone || outbox.hasRoom() ? undefined : full);
  const queue = new QueueAlarm({ alarm, display, displays, clock, log });
  queue.start();
  return {
    notify: () => screen?.notify(),
    stop: async () => {
      await Promise.all([screen?.stop(), queue.stop()]);
    },
  };
}

function startScreen(deps: TroubleSideDeps): TroubleScreen | undefined {
  const { identity, refusal, hasCloud, store, display, clock, log } = deps;
  if (identity === undefined) return undefined;
  const { displays, binding, meta } = store;
  const trouble = () => {
    const refused = refusal();
    const problem = refused === undefined ? identity.problem : { state: 'refused' as const, step: null, ...refused };
    if (hasCloud() || problem === undefined) return undefined;
    const { state, code, message, step } = problem;
    return { state, code, during: stepWords(step), advice: adviceFor(code, message) };
  };
  const screen = new TroubleScreen({ trouble, display, displays, binding, meta, clock, log });
  identity.onChange(() => screen.notify());
  screen.start();
  return screen;
}
