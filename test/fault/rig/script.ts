import type { Lane } from '../../../contract/index.js';
import type { Action, Ordered } from './actions.js';
import * as actions from './actions.js';
import { eventIn } from './events.js';
import type { RigHub } from './rig-hub.js';
import type { World } from './world.js';

/** What happens to a world, written down act by act: it leads there with every seed. */
export type Script = readonly Action[];

const MOST_TURNS = 40;

function hubOf(world: World, card: number): RigHub {
  const hub = world.hubs[card];
  if (hub === undefined) throw new RangeError(`no card ${card}`);
  return hub;
}

/** Every hub tells the cloud all that it has and is told what waits; what was sent by a process that is gone stays under way. */
export const exchange: Action = async (world) => {
  for (const { parts } of world.hubs) parts.client.hint();
  await world.settle();
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    await world.deliverAll();
    if (world.hubs.some(({ wire }) => wire.waiting.length > 0)) continue;
    if (world.hubs.every(({ isEmpty }) => isEmpty)) return;
    world.pass(world.restMs);
    await world.settle();
  }
};

/** What nobody waits for any more comes in all the same. */
export const deliverLate: Action = async (world) => {
  for (const hub of world.hubs) {
    for (const sent of hub.wire.strays) {
      await world.deliver(hub, sent);
      hub.wire.drop(sent);
    }
  }
};

/** So many events of a lane, each of so many characters at least. */
export function enqueue(lane: Lane, { card = 0, count = 1, characters = 0 } = {}): Action {
  return async (world) => {
    for (let made = 0; made < count; made += 1) {
      hubOf(world, card).enqueue(eventIn(world, lane, characters));
      // Each in a commit of its own.
      await world.settle();
    }
  };
}

export function setRegister(count = 1): Action {
  return (world) => {
    for (let made = 0; made < count; made += 1) actions.setBigRegister(hubOf(world, 0), world);
  };
}

export function order(what: Omit<Ordered, 'slot'>): Action {
  return (world) => actions.orderOf(world, hubOf(world, 0), { ...what, slot: 'slot' });
}

/** The n-th of all orders comes by MQTT. */
export function push(index: number): Action {
  return async (world) => {
    const one = world.pushes[index];
    if (one === undefined) throw new RangeError(`no push ${index}`);
    await world.push(hubOf(world, 0), one.json);
  };
}

/** What the hub has begun first comes to its end. */
export const finish: Action = (world) => hubOf(world, 0).effects.shift()?.('applied');

/** From now on no effect is given up for a newer one. */
export const hardenEffects: Action = (world) => {
  hubOf(world, 0).givingWay = 0;
};

export function wait(ms: number): Action {
  return (world) => world.pass(ms);
}

export const enterNewEpoch: Action = (world) => actions.enterNewEpoch(hubOf(world, 0));

export const cloneCard: Action = (world) => actions.clone(hubOf(world, 0), world);

/** The card has room for so many pages more. */
export function leaveRoom(pages?: number): Action {
  return (world) => hubOf(world, 0).parts.database.limitGrowth(pages);
}

export const sample: Action = (world) => hubOf(world, 0).sample();

export const backUp: Action = actions.backUp;

export const restore: Action = actions.comeBack;
