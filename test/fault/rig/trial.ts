import type { QueueLimits } from '../../../hub/storage/queue-limits.js';
import { judge } from '../queue/checks.js';
import type { Violation } from '../queue/verdict.js';
import type { ActionName } from './actions.js';
import type { HubChange } from './hub-parts.js';
import type { CloudChange } from './rig-cloud.js';
import type { Rig } from './rig-fixture.js';
import { runRound } from './round.js';
import type { Script } from './script.js';

/** The longest back-off, and a drain slow enough for the slowest schedule. */
const PACE = { backoffCapMs: 300_000, eventsPerS: 10 } as const;
/** A request is under way for no longer; by so much a time may be off. */
const WAY_MS = 30_000;
const STEPS = 60;

export type TrialOptions = {
  hub?: HubChange;
  cloud?: CloudChange;
  weights?: Partial<Record<ActionName, number>>;
  limits?: QueueLimits;
  script?: Script;
  endsAtOnce?: boolean;
  steps?: number;
  hubs?: number;
  overHttp?: boolean;
};

/** What the checker says to the schedule of a seed. */
export async function trial(
  { cloud, folder }: Pick<Rig, 'cloud' | 'folder'>,
  seed: number,
  { hub: change = {}, cloud: cloudChange = {}, steps = STEPS, ...rest }: TrialOptions = {},
): Promise<Violation[]> {
  const { weights, limits, script, endsAtOnce, hubs, overHttp } = rest;
  const round = await runRound({
    ...{ cloud, folder, seed, steps, change, cloudChange },
    ...(weights && { weights }),
    ...(limits && { limits }),
    ...(script && { script }),
    ...(endsAtOnce && { endsAtOnce }),
    ...(hubs !== undefined && { hubs }),
    ...(overHttp !== undefined && { overHttp }),
  });
  const { history, ...state } = round;
  return judge(history, { ...state, pace: PACE, timeToleranceMs: WAY_MS });
}

/** A line for each, without what shows it. */
export function told(violations: readonly Violation[]): string[] {
  return violations.map(({ id, what }) => `${id} ${what}`);
}
