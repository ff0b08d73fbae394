import type { Store } from '../../../hub/storage/store.js';
import { openIn } from '../power/filled-store.js';
import { KILLED_LIMITS } from './killed-limits.js';

/** What can be wrong with a store, of which each must be found. */
export const KILL_FAULTS = [
  'drops without a gap',
  'keeps the epoch of a lost card',
  'counts nothing at start',
] as const;

export type KillFault = (typeof KILL_FAULTS)[number];

const ONE_EPOCH = '0123456789abcdef0123456789abcdef';
const LANES = [0, 1, 2, 3] as const;

/** A store of the true code, with one fault put in from outside, or with none. */
export async function openFaulty(dataDir: string, fault: KillFault | undefined): Promise<Store> {
  const newEpoch = fault === 'keeps the epoch of a lost card' ? { newEpoch: () => ONE_EPOCH } : {};
  const store = await openIn(dataDir, { limits: KILLED_LIMITS, ...newEpoch });
  if (fault === 'drops without a gap') forgetGaps(store);
  if (fault === 'counts nothing at start') hideUncounted(store);
  return store;
}

function forgetGaps({ database }: Store): void {
  const trigger = `CREATE TEMP TRIGGER faulty AFTER INSERT ON main.gap
    BEGIN DELETE FROM gap WHERE lane = new.lane AND from_pos = new.from_pos; END`;
  database.prepare(trigger).run();
}

/** While the counters are read, no lane seems to hold anything past them. */
function hideUncounted({ database, outbox }: Store): void {
  const run = (sql: string) => database.prepare(sql).run();
  for (const lane of LANES) run(`CREATE TEMP VIEW log${lane} AS SELECT * FROM main.log${lane} WHERE 0`);
  outbox.lanes();
  for (const lane of LANES) run(`DROP VIEW temp.log${lane}`);
}
