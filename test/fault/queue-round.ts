import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { v7 } from 'uuid';
import type { Clock } from '../../hardware/index.js';
import { mergeHistories } from './queue/history-reader.js';
import { act, type MakeTwin } from './queue-round-acts.js';
import { QueueHub } from './queue-round-hub.js';
import { judgeQueue, type QueueFigures } from './queue-round-judge.js';
import { keepRound } from './queue-round-kept.js';
import { type QueuePeople, WISHES } from './queue-round-people.js';
import { oneOf, type PlannedRound, type QueueFault } from './queue-round-plan.js';
import { comeToRest } from './queue-round-rest.js';
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
  /** Something that is no part of what is tried has failed: nothing is known of the hub, and the site is not to be trusted. */
  readonly isBrokenOff: boolean;
};

export type QueueRoundDeps = {
  readonly site: QueueSite;
  readonly people: QueuePeople;
  readonly clock: Clock;
  /** Where rounds keep their files. */
  readonly dir: string;
};

/** Between two things that go wrong, at most. */
const PAUSE_MS = 250;
const MOST_WISHES = 4;
const PATIENCE_MS = 7_000;
const MOST_EVERY_MS = 30;
const SEEDS = 0x1_0000_0000;
const MIB = 1024 * 1024;
/** With and without room for what the hub keeps back for such days. */
const SMALL_CARDS = [16 * MIB, 48 * MIB] as const;
/** A burst fills it. */
const LITTLE_BYTES = 2 * 1024;
const NOTHING_KNOWN: QueueFigures = {
  ...{ enqueued: 0, delivered: 0, dead: 0, gaps: 0, lost: 0, lostWithCard: 0, duplicated: 0 },
};

/** Lets one hub work while things go wrong, leaves it in peace, and looks at what came of it. */
export async function queueRound(planned: PlannedRound, deps: QueueRoundDeps): Promise<QueueRoundResult> {
  const { site, people, clock } = deps;
  const startMs = clock.monotonic();
  const dir = path.join(deps.dir, `round-${planned.number}`);
  const identity = await people.makeHub();
  const displayId = v7();
  const make = (card: string) => makeHub(card, { planned, identity, displayId, dir, site, clock });
  const world = new QueueWorld(await make('card-1'), { site, clock, dir });
  try {
    const found = await play(world, { planned, people, makeTwin: () => make('card-2') }).catch(brokenOff);
    const { history, broken, violations, ...figures } = found;
    if (violations.length > 0) await keepRound(world, { history, violations, broken });
    const tookMs = Math.round(clock.monotonic() - startMs);
    const { number, faults } = planned;
    const folder = violations.length > 0 ? dir : undefined;
    return { ...figures, number, faults: faults.join(', '), violations, tookMs, folder };
  } finally {
    world.close();
    for (const hub of world.hubs) await hub.close();
    if (!world.isKept) await rm(dir, { recursive: true, force: true });
  }
}

/** What is known of a round that could not be played or judged. */
export function brokenOff(cause: unknown) {
  const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return { ...NOTHING_KNOWN, isBrokenOff: true, history: [], broken: [], violations: [`it broke off: ${what}`] };
}

type Making = Pick<QueueRoundDeps, 'site' | 'clock' | 'dir'> & {
  planned: PlannedRound;
  identity: Awaited<ReturnType<QueuePeople['makeHub']>>;
  displayId: string;
};

async function makeHub(
  card: string,
  { planned: { faults, random }, identity, displayId, dir, site, clock }: Making,
): Promise<QueueHub> {
  const folder = path.join(dir, card);
  await mkdir(folder, { recursive: true });
  const order = {
    ...{ card, displayId, identity },
    seed: Math.floor(random() * SEEDS),
    everyMs: 2 + random() * MOST_EVERY_MS,
    laneBytes: faults.includes('little-room') ? LITTLE_BYTES : null,
    cardBytes: faults.includes('card-full') ? oneOf(SMALL_CARDS, random) : undefined,
  };
  return await QueueHub.make(folder, order, { site, clock });
}

type Playing = { planned: PlannedRound; people: QueuePeople; makeTwin: MakeTwin };

async function play(world: QueueWorld, { planned: { faults, random }, people, makeTwin }: Playing) {
  const { clock, hub } = world;
  const { identity, displayId } = hub.settings;
  const startMs = clock.monotonic();
  await hub.powerOn();
  const isBound = await people.bind(identity.thingName);
  const wish = async () => {
    for (let left = MOST_WISHES; left > 0; left -= 1) {
      await clock.sleep(random() * PAUSE_MS);
      await people.wish(oneOf(WISHES, random), { displayId, hwId: identity.hwId });
    }
  };
  const goWrong = async () => {
    for (const fault of faults) {
      await clock.sleep(random() * PAUSE_MS);
      await act(fault, world, { random, makeTwin });
    }
  };
  await Promise.all([wish(), goWrong()]);
  const restless = await comeToRest(world);
  const { histories, seen } = await world.lookBack();
  const history = mergeHistories(histories);
  const { broken, ...figures } = judgeQueue(history, seen.state, {
    longestWayMs: longestWayMs(faults, clock.monotonic() - startMs),
    damage: world.damage,
  });
  const words = broken.map(({ id, what }) => `${id} ${what}`);
  const violations = [...(isBound ? [] : ['it was not bound']), ...restless, ...words];
  return { ...figures, isBrokenOff: false, history, broken, violations };
}

/** Whoever holds a request back does so until the round ends, at most; else the hub has lost its patience before. */
function longestWayMs(faults: readonly QueueFault[], roundMs: number): number {
  return faults.includes('exchanges') ? roundMs : PATIENCE_MS;
}
