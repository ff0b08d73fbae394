import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { v7 } from 'uuid';
import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import type { Clock } from '../../hardware/index.js';
import { mergeHistories } from './queue/history-reader.js';
import { act } from './queue-round-acts.js';
import { QueueHub } from './queue-round-hub.js';
import { type Broken, judgeQueue, type QueueFigures } from './queue-round-judge.js';
import type { QueuePeople } from './queue-round-people.js';
import { oneOf, planQueueFaults, type QueueFault } from './queue-round-plan.js';
import type { QueueSite } from './queue-round-site.js';
import { QueueWorld } from './queue-round-world.js';

/** What became of one round. */
export type QueueRoundResult = QueueFigures & {
  readonly number: number;
  readonly faults: string;
  /** Broken promises, in words. */
  readonly violations: readonly string[];
  readonly tookMs: number;
  /** With histories and logs; there only if a promise was broken. */
  readonly folder: string | undefined;
};

export type QueueRoundDeps = {
  readonly site: QueueSite;
  readonly people: QueuePeople;
  readonly clock: Clock;
  readonly seed: number;
  /** Where rounds keep their files. */
  readonly dir: string;
};

/** Between two things that go wrong, at most. */
const PAUSE_MS = 250;
const WISHES = 4;
const PATIENCE_MS = 2_000;
const DRAIN_LIMIT_MS = 20_000;
const MOST_EVERY_MS = 30;
/** Keeps the rounds of one seed apart from those of the next. */
const SEED_STEP = 0x9e3779b9;

/** Lets one hub work while things go wrong, leaves it in peace, and looks at what came of it. */
export async function queueRound(number: number, deps: QueueRoundDeps): Promise<QueueRoundResult> {
  const { site, people, clock } = deps;
  const startMs = clock.monotonic();
  const random = seededRandom((deps.seed + number * SEED_STEP) >>> 0);
  const dir = path.join(deps.dir, `round-${number}`);
  const faults = planQueueFaults(number, random);
  const identity = await people.makeHub();
  const displayId = v7();
  const make = async (card: string) => {
    const folder = path.join(dir, card);
    await mkdir(folder, { recursive: true });
    const seed = Math.floor(random() * SEED_STEP);
    return await QueueHub.make(
      folder,
      { card, seed, displayId, identity, everyMs: 2 + random() * MOST_EVERY_MS },
      { site, clock },
    );
  };
  const world = new QueueWorld(await make('card-1'), { site, clock, dir });
  try {
    await world.hub.powerOn();
    const isBound = await people.bind(identity.thingName);
    const wish = async () => {
      for (let left = WISHES; left > 0; left -= 1) {
        await clock.sleep(random() * PAUSE_MS);
        await people.wish(oneOf(['identify', 'refresh', 'rotate'], random), { displayId, hwId: identity.hwId });
      }
    };
    const goWrong = async () => {
      for (const fault of faults) {
        await clock.sleep(random() * PAUSE_MS);
        await act(fault, world, { random, makeTwin: () => make('card-2') });
      }
    };
    await Promise.all([wish(), goWrong()]);
    const restless = await comeToRest(world);
    const { histories, seen } = await world.lookBack();
    const history = mergeHistories(histories);
    const { broken, ...figures } = judgeQueue(history, seen.state, {
      longestWayMs: longestWayMs(faults, clock.monotonic() - startMs),
    });
    const words = broken.map(({ id, what }) => `${id} ${what}`);
    const violations = [...(isBound ? [] : ['it was not bound']), ...restless, ...words];
    if (violations.length > 0) await keep(world, { history, violations, broken });
    const tookMs = Math.round(clock.monotonic() - startMs);
    const folder = violations.length > 0 ? dir : undefined;
    return { ...figures, number, faults: faults.join(', '), violations, tookMs, folder };
  } finally {
    world.close();
    for (const hub of world.hubs) await hub.close();
    if (!world.isKept) await rm(dir, { recursive: true, force: true });
  }
}

/** Whoever holds a request back does so until the round ends, at most; else the hub has lost its patience before. */
function longestWayMs(faults: readonly QueueFault[], roundMs: number): number {
  return faults.includes('exchanges') ? roundMs : PATIENCE_MS;
}

/** From here on nothing goes wrong. Copies of one card take turns: together they would take the epoch from each other for ever. */
async function comeToRest(world: QueueWorld): Promise<string[]> {
  const restless: string[] = [];
  for (const hub of world.hubs) hub.mendLinks();
  for (const hub of world.hubs) await hub.links.proxy.flush();
  world.note('world', { step: 'quiet' });
  if (world.hubs.length > 1) for (const hub of world.hubs) await world.crash(hub);
  for (const hub of world.hubs) {
    if (!hub.isRunning) await hub.powerOn();
    if (!(await hub.drain(DRAIN_LIMIT_MS)))
      restless.push(`${hub.settings.card} has not delivered all in ${DRAIN_LIMIT_MS} ms`);
    await hub.pullPlug();
  }
  return restless;
}

type Found = { history: readonly object[]; violations: readonly string[]; broken: readonly Broken[] };

async function keep(world: QueueWorld, { history, violations, broken }: Found): Promise<void> {
  world.isKept = true;
  const keepFile = (name: string, text: string) => writeFile(path.join(world.dir, name), text, { mode: 0o600 });
  await keepFile('history.jsonl', history.map((step) => `${JSON.stringify(step)}\n`).join(''));
  await keepFile('violations.txt', `${violations.join('\n')}\n`);
  await keepFile('evidence.json', JSON.stringify(broken, null, 1));
  for (const hub of world.hubs) await keepFile(`${hub.settings.card}.log`, hub.log);
}
