import type { LinkFault } from '../../device-sim/household/link-fault.js';
import type { QueueHub } from './queue-round-hub.js';
import { EXCHANGE_FAULTS, oneOf, type QueueFault } from './queue-round-plan.js';
import { lastEpochOf, type QueueWorld } from './queue-round-world.js';

/** A link stays spoilt for so long at most. */
const SPOILT_MS = 400;
const OFF_MS = 100;
const EXCHANGES = 12;
const LOSSY_BYTES = 20_000;
const SLOW_BYTES_PER_S = 20_000;
const LATE_MS = 150;
/** What is left of a card when something else fills it. */
const LEFT_BYTES = 256 * 1024;
/** A life on a failing card asks for about so many writes, and so many syncs. */
const MOST = { write: 100, sync: 30 } as const;
const MOST_FAILURES = 20;
const START_LIMIT_MS = 10_000;
const FAILING_MS = 300;
// Source: Linux, errno-base.h.
const ERRORS = { EIO: 5, ENOSPC: 28 } as const;

/** Makes a hub of the same identity on another card. */
export type MakeTwin = () => Promise<QueueHub>;

/** Lets one thing go wrong, and resolves when it is over. */
export async function act(
  fault: QueueFault,
  world: QueueWorld,
  { random, makeTwin }: { random: () => number; makeTwin: MakeTwin },
): Promise<void> {
  const { hub, site, clock } = world;
  switch (fault) {
    case 'kill-hub':
      await world.crash(hub);
      await clock.sleep(random() * OFF_MS);
      return await hub.powerOn();
    case 'kill-cloud':
    case 'kill-embedded':
      return await world.killCloud();
    case 'broker-restart':
      return await site.restartBroker();
    case 'database-crash':
      return await site.crashDatabase();
    case 'failover':
      await world.backUp();
      await clock.sleep(random() * SPOILT_MS);
      return await world.failOver();
    case 'clock-jump':
      return world.jumpClock(hub, random);
    case 'exchanges':
      for (let left = EXCHANGES; left > 0; left -= 1) {
        hub.exchangeFaults.push(random() < 0.5 ? 'nothing' : oneOf(EXCHANGE_FAULTS, random));
      }
      return await clock.sleep(random() * SPOILT_MS);
    case 'cloned-card':
      return await clone(world, makeTwin);
    case 'page-corrupted':
      return await world.corruptPage(hub, random);
    case 'little-room':
      // So from the beginning; the more waits, the more has to give way.
      return await spoil(world, { kind: 'cut' }, random);
    case 'card-full':
      return await fill(world, random);
    case 'card-failing':
      return await fail(world, random);
    case 'card-lost':
      return await world.loseCard(hub);
    default:
      return await spoil(world, linkFault(fault, random), random);
  }
}

function linkFault(fault: Extract<QueueFault, `link-${string}`>, random: () => number): LinkFault {
  switch (fault) {
    case 'link-cut':
      return { kind: 'cut' };
    case 'link-half-open':
      return { kind: 'half-open' };
    case 'link-slow':
      return { kind: 'slow', bytesPerS: SLOW_BYTES_PER_S };
    case 'link-late':
      return { kind: 'delay', delayMs: random() * LATE_MS };
    case 'link-lossy':
      return { kind: 'lossy', resetAfterBytes: () => random() * LOSSY_BYTES };
  }
}

/** Of the way to the cloud, to the broker, or both. */
async function spoil(world: QueueWorld, fault: LinkFault, random: () => number): Promise<void> {
  const { hub, clock } = world;
  const { cloud, broker } = hub.links;
  const which = random();
  const links = which < 0.5 ? [cloud, broker] : which < 0.8 ? [cloud] : [broker];
  if (links.includes(cloud)) world.noteLink(hub, false);
  for (const link of links) link.spoil(fault);
  await clock.sleep(random() * SPOILT_MS);
  for (const link of links) link.mend();
  world.noteLink(hub, true);
}

/** Something else takes what the card still holds, for a while, with the link up or down; the plug may be pulled meanwhile. */
async function fill(world: QueueWorld, random: () => number): Promise<void> {
  const { hub, clock } = world;
  hub.fillCard(random() * LEFT_BYTES);
  if (random() < 0.5) await spoil(world, { kind: 'cut' }, random);
  await clock.sleep(random() * SPOILT_MS);
  if (random() < 0.5) {
    await world.crash(hub);
    await hub.powerOn();
    await clock.sleep(random() * SPOILT_MS);
  }
  hub.emptyCard();
}

/** For one life the card refuses some of what it is asked; a hub that leaves for that is started again. */
async function fail(world: QueueWorld, random: () => number): Promise<void> {
  const { hub, site, clock } = world;
  const op = random() < 0.5 ? 'write' : 'sync';
  const env = {
    LD_PRELOAD: await site.recorder,
    RECORD_DIR: hub.settings.dataDir,
    FAIL_OP: op,
    FAIL_AT: String(1 + Math.floor(random() * MOST[op])),
    FAIL_COUNT: String(1 + Math.floor(random() * MOST_FAILURES)),
    FAIL_ERRNO: String(random() < 0.5 ? ERRORS.EIO : ERRORS.ENOSPC),
  };
  await world.crash(hub);
  await hub.powerOn(env);
  await hub.settled(START_LIMIT_MS);
  await clock.sleep(FAILING_MS + random() * SPOILT_MS);
  await world.crash(hub);
  await hub.powerOn();
}

/** Both go on with what was on the card. */
async function clone(world: QueueWorld, makeTwin: MakeTwin): Promise<void> {
  const { hub } = world;
  const twin = await makeTwin();
  world.hubs.push(twin);
  await world.crash(hub);
  await hub.copyCardTo(twin);
  const epoch = lastEpochOf(hub);
  const { card: of } = hub.settings;
  if (epoch !== undefined) world.note(twin.settings.card, { step: 'card.cloned', hub: world.thingName, epoch, of });
  await Promise.all([hub.powerOn(), twin.powerOn()]);
}
