import { Inbox } from '../../../hub/storage/inbox.js';
import { exchange, finish, hardenEffects, order, push, wait } from '../rig/script.js';
import type { Mutant } from './mutant.js';

/** Knows no deadline. */
class PatientInbox extends Inbox {
  override leftMs(): undefined {
    return undefined;
  }
}

/** Takes every command for the newest of its slot. */
class LevelInbox extends Inbox {
  override isOutdated(): boolean {
    return false;
  }
}

/** Remembers no command once it was begun. */
class ObliviousInbox extends Inbox {
  override start(): void {
    // Not on disk before the effect.
  }
}

const COMMANDS = { order: 16, push: 16, deliver: 34, effect: 12, crash: 8, moment: 20 } as const;
const SPAN_MS = 10_000;

/** What can be wrong with commands on the hub. */
export const COMMAND_MUTANTS: readonly Mutant[] = [
  {
    name: 'does not note that a command was begun',
    breaks: 'I12',
    hub: { inbox: (deps) => new ObliviousInbox(deps) },
    weights: COMMANDS,
    steps: 20,
    seed: 11,
  },
  {
    name: 'says applied and has done nothing',
    breaks: 'I13',
    hub: {
      perform: () => async () => ({ settled: false, result: { state: 'applied', code: null, message: null } }),
    },
    weights: COMMANDS,
    steps: 12,
    seed: 1,
  },
  {
    name: 'knows no deadline',
    breaks: 'I14',
    hub: { inbox: (deps) => new PatientInbox(deps) },
    // What has a deadline waits for longer behind what takes its time.
    script: [
      ...[exchange, hardenEffects, order({ kind: 'refresh' }), push(0)],
      ...[order({ kind: 'refresh', spanMs: SPAN_MS }), push(1), wait(2 * SPAN_MS), finish],
    ],
  },
  {
    name: 'runs an older revision after a newer one',
    breaks: 'I12',
    hub: { inbox: (deps) => new LevelInbox(deps) },
    // The second order overtakes the first on its way.
    script: [exchange, order({ kind: 'refresh' }), order({ kind: 'refresh' }), push(1), finish, push(0), finish],
  },
];
