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
      return await world.killCloud();
    case 'broker-restart':
      return await site.restartBroker();
    case 'database-crash':
      return await site.crashDatabase();
    case 'failover':
      await world.backUp();
      await clock.sleep(random() * SPOILT_MS);
      return await world.failOver(random);
    case 'clock-jump':
      return world.jumpClock(hub, random);
    case 'exchanges':
      for (let left = EXCHANGES; left > 0; left -= 1) {
        hub.exchangeFaults.push(random() < 0.5 ? 'nothing' : oneOf(EXCHANGE_FAULTS, random));
      }
      return await clock.sleep(random() * SPOILT_MS);
    case 'cloned-card':
      return await clone(world, makeTwin);
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
async function spoil({ hub, clock }: QueueWorld, fault: LinkFault, random: () => number): Promise<void> {
  const { cloud, broker } = hub.links;
  const which = random();
  const links = which < 0.5 ? [cloud, broker] : which < 0.8 ? [cloud] : [broker];
  for (const link of links) link.spoil(fault);
  await clock.sleep(random() * SPOILT_MS);
  for (const link of links) link.mend();
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
