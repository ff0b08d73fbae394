import type { Logger } from 'pino';
import type { Clock } from '../hardware/index.js';
import type { RotationOrder, RotationOutcome } from '../provisioning/index.js';
import type { WiredDisplay } from './display/wired-display.js';
import { Executor } from './executor/executor.js';
import { Intake } from './executor/intake.js';
import { commandEffects } from './executor/perform.js';
import type { Store } from './storage/store.js';

export type CommandSideDeps = {
  store: Store;
  display: WiredDisplay;
  /** What the identify screen calls the hub. */
  hubName: () => string;
  reboot: () => Promise<void>;
  configChanged: () => void;
  rotate: (order: RotationOrder) => Promise<RotationOutcome>;
  hasOwnCode: () => boolean;
  clock: Clock;
  log: Logger;
};

/** What the hub was asked to do, from its inbox to the glass. What an earlier run left open is taken up again. */
export function startCommands(deps: CommandSideDeps): { intake: Intake; executor: Executor } {
  const { store, display, hubName, reboot, configChanged, rotate, hasOwnCode, clock, log } = deps;
  const { database, boot, inbox, ledger, displays, presentations, binding, leaving, meta } = store;
  const isOurs = (displayId: string) => displayId === display.displayId;
  const intake = new Intake({ database, inbox, ledger, hasDisplay: isOurs, log });
  const perform = commandEffects({
    display: (displayId) => (isOurs(displayId) ? display : undefined),
    mainDisplay: () => display,
    displays,
    presentations,
    binding,
    leaving,
    meta,
    hubName,
    reboot,
    configChanged,
    rotate,
    hasOwnCode,
    now: () => boot.now(),
  });
  try {
    ledger.endOvertaken();
  } catch (error) {
    log.error({ err: error }, 'what was overtaken is still open');
  }
  const executor = new Executor({ inbox, ledger, perform, clock, log });
  executor.start();
  // What was asked at the hub has no command that would run again: it is taken up here.
  for (const presentation of presentations.open()) {
    if (presentation.cmdId === null && isOurs(presentation.displayId)) display.take(presentation);
  }
  display.start();
  return { intake, executor };
}
