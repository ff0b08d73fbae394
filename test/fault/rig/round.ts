import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import type { QueueLimits } from '../../../hub/storage/queue-limits.js';
import type { Step } from '../queue/history.js';
import type { CloudState } from '../queue/verdict.js';
import { ACTIONS, type Action, type ActionName } from './actions.js';
import { finalState } from './final-state.js';
import type { HubChange } from './hub-parts.js';
import type { CloudChange, RigCloud } from './rig-cloud.js';
import type { Script } from './script.js';
import { limitsOf } from './small-limits.js';
import { World } from './world.js';

export type RoundOptions = {
  cloud: RigCloud;
  folder: string;
  seed: number;
  steps: number;
  hubs?: number;
  change?: HubChange;
  cloudChange?: CloudChange;
  limits?: QueueLimits;
  overHttp?: boolean;
  /** Weights that are not the usual ones. */
  weights?: Partial<Record<ActionName, number>>;
  /** What happens, instead of things by chance. */
  script?: Script;
  /** What comes after it tells nothing more: nobody waits for quiet. */
  endsAtOnce?: boolean;
};

/** Without the tables of the cloud if nobody waited for quiet. */
export type RoundResult = { history: readonly Step[]; cloud?: CloudState };

/** A hub that was told of nothing asks again within these. */
const LEAST_QUIET_TURNS = 4;
/** From then on time passes faster: what has not come through must come within the longest back-offs. */
const HASTY_FROM_TURN = 40;
const HASTE_MS = 30_000;
const MOST_QUIET_TURNS = 100;

/** One schedule from its seed to the quiet after it. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const random = seededRandom(options.seed);
  const { cloud, folder, hubs = 1, change = {}, overHttp = false, limits = limitsOf(random) } = options;
  cloud.become(options.cloudChange ?? {});
  const world = await World.make({ cloud, folder, random, hubs, change, overHttp, limits });
  try {
    await world.settle();
    for (const action of options.script ?? byChance(random, options)) {
      await action(world);
      await world.settle();
    }
    const { steps: history } = world.recorder;
    if (options.endsAtOnce) return { history };
    await quiet(world);
    const state = await finalState(cloud, world.nameOf);
    return { history, cloud: state };
  } finally {
    world.stop();
  }
}

const NAMES = Object.keys(ACTIONS).filter((name): name is ActionName => name in ACTIONS);

function* byChance(random: () => number, { steps, weights = {} }: RoundOptions): Iterable<Action> {
  for (let step = 0; step < steps; step += 1) yield ACTIONS[choose(random, weights)].run;
}

function choose(random: () => number, changed: Partial<Record<ActionName, number>>): ActionName {
  const weightOf = (name: ActionName) => changed[name] ?? ACTIONS[name].weight;
  let left = random() * NAMES.reduce((sum, name) => sum + weightOf(name), 0);
  for (const name of NAMES) {
    left -= weightOf(name);
    if (left < 0) return name;
  }
  return 'moment';
}

/** Nothing goes wrong any more: whatever is held comes through, and every command ends. */
async function quiet(world: World): Promise<void> {
  world.cloud.database.fault = undefined;
  for (const hub of world.hubs) hub.note({ step: 'link', hub: hub.deps.hub, up: true });
  world.recorder.note('rig', { step: 'quiet' });
  for (let turn = 0; turn < MOST_QUIET_TURNS; turn += 1) {
    for (const hub of world.hubs) for (const finish of hub.effects.splice(0)) finish('applied');
    await world.deliverAll();
    const isBusy = world.hubs.some(({ wire, effects }) => wire.waiting.length > 0 || effects.length > 0);
    if (isBusy) continue;
    for (const hub of world.hubs) hub.sample();
    if (turn > LEAST_QUIET_TURNS && world.hubs.every(({ isEmpty }) => isEmpty)) return;
    world.pass(turn < HASTY_FROM_TURN ? world.restMs : Math.max(world.restMs, HASTE_MS));
    await world.settle();
  }
}
