import { Inbox } from '../../../hub/storage/inbox.js';
import { lanesOf } from '../rig/small-limits.js';
import type { Mutant } from './mutant.js';

/** Puts another statement, or part of one, in the place of one of the store. */
function instead(of: string | RegExp, by: string): (sql: string) => string {
  return (sql) => sql.replace(of, by);
}

/** Knows no deadline. */
class PatientInbox extends Inbox {
  override isOverdue(): boolean {
    return false;
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

/** Commands come by MQTT alone for long, in any order, and what is begun takes its time. */
const PUSHED = {
  order: 24,
  push: 44,
  deliver: 8,
  effect: 5,
  hours: 8,
  crash: 0,
  crashWhileWriting: 0,
  loseCard: 0,
} as const;
const COMMANDS = { order: 16, push: 16, deliver: 34, effect: 12, crash: 8, moment: 20 } as const;

/** What can be wrong with the statements of the store, and with the commands in it. */
export const STORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'drops without a gap',
    breaks: 'I8',
    hub: { sql: instead(/INSERT INTO gap \(([^)]*)\)\s+VALUES \(([^)]*)\)/, 'INSERT INTO gap ($1) SELECT $2 WHERE 0') },
    weights: { enqueue: 20, burst: 12, deliver: 24 },
    limits: lanesOf(2048),
    seed: 1,
  },
  {
    name: 'keeps its epoch though its card was lost',
    breaks: 'I9',
    hub: { newEpoch: () => '0123456789abcdef0123456789abcdef' },
    weights: { loseCard: 4, newEpoch: 0 },
    seed: 1,
  },
  {
    name: 'gives numbers again after a restart',
    breaks: 'I9',
    hub: { sql: instead('SELECT lane, base, next, acked,', 'SELECT lane, base, base + 1 AS next, base AS acked,') },
    weights: { crash: 10 },
    seed: 4,
  },
  {
    name: 'does not say where events were before',
    breaks: 'I3',
    hub: {
      sql: instead(/INSERT INTO former \(([^)]*)\) VALUES \(([^)]*)\)/, 'INSERT INTO former ($1) SELECT $2 WHERE 0'),
    },
    weights: { newEpoch: 5 },
    seed: 2,
  },
  {
    name: 'takes a register for sent that was set since',
    breaks: 'I10',
    hub: { sql: instead('dirty = (ver <> @ver)', 'dirty = 0') },
    weights: { register: 20 },
    seed: 3,
  },
  {
    name: 'keeps registers to itself when the cloud came back from a backup',
    breaks: 'I10',
    hub: { sql: instead('UPDATE reg SET dirty = 1', 'UPDATE reg SET dirty = dirty') },
    weights: { register: 10, backUp: 4, restore: 4 },
    seed: 0,
  },
  {
    name: 'sends another body than it was given',
    breaks: 'I2',
    hub: {
      sql: instead(/\btv, body,/, "tv, replace(body, '1', '2') AS body,"),
    },
    seed: 1,
  },
  {
    name: 'does not note that a command was begun',
    breaks: 'I12',
    hub: { inbox: (deps) => new ObliviousInbox(deps) },
    weights: COMMANDS,
    seed: 3,
  },
  {
    name: 'knows no deadline',
    breaks: 'I14',
    hub: { inbox: (deps) => new PatientInbox(deps) },
    weights: PUSHED,
    seed: 0,
  },
  {
    name: 'runs an older revision after a newer one',
    breaks: 'I12',
    hub: { inbox: (deps) => new LevelInbox(deps) },
    weights: PUSHED,
    seed: 0,
  },
  {
    name: 'forgets at once which commands were here',
    breaks: 'I12',
    hub: { sql: instead('LIMIT 1 OFFSET ?)', 'LIMIT 1 OFFSET min(?, 0))') },
    weights: { ...COMMANDS, backUp: 5, restore: 5 },
    seed: 0,
  },
  {
    name: 'says applied and has done nothing',
    breaks: 'I13',
    hub: {
      perform: () => async () => ({ settled: false, result: { state: 'applied', code: null, message: null } }),
    },
    weights: COMMANDS,
    seed: 1,
  },
  {
    name: 'never empties its write-ahead log',
    breaks: 'I15',
    hub: { pragma: 'wal_autocheckpoint = 0' },
    limits: { ...lanesOf(2048), 0: { bytes: 65_536, ttlMs: null } },
    weights: { bigRegister: 200, crash: 0, crashWhileWriting: 0, loseCard: 0 },
    steps: 120,
    seed: 0,
  },
];
