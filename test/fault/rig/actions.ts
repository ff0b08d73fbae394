import { part, pick, some } from './chance.js';
import { RequestSchema } from './cloud-record.js';
import { eventOf } from './events.js';
import { streamsOf } from './final-state.js';
import type { RigHub } from './rig-hub.js';
import type { World } from './world.js';

/** One thing that happens to a world; nothing if it cannot happen now. */
export type Action = (world: World) => Promise<void> | void;

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SLOTS = 3;

/** How often each happens, in parts of the whole. */
export const ACTIONS = {
  enqueue: { weight: 22, run: onHub((hub, world) => some(world, 4, () => hub.enqueue(eventOf(world)))) },
  burst: { weight: 2, run: onHub(burst) },
  register: { weight: 6, run: onHub((hub, world) => setRegister(hub, world)) },
  bigRegister: { weight: 0, run: onHub((hub, world) => setBigRegister(hub, world)) },
  expire: { weight: 1, run: onHub((hub) => void hub.parts.outbox.expire()) },
  deliver: { weight: 34, run: onHub(deliver) },
  stray: { weight: 5, run: onHub(stray) },
  oldReply: { weight: 1, run: onHub(oldReply) },
  moment: { weight: 14, run: (world) => world.pass(part(world, 3 * SECOND_MS)) },
  hours: { weight: 4, run: (world) => world.pass(part(world, 6 * HOUR_MS)) },
  days: { weight: 0.5, run: (world) => world.pass(part(world, 40 * DAY_MS)) },
  crash: { weight: 4, run: onHub(restart) },
  crashWhileWriting: {
    weight: 2,
    run: onHub(async (hub, world) => {
      some(world, 4, () => hub.enqueue(eventOf(world)));
      // Whoever is answered without a commit hears of it now.
      for (let hops = 0; hops < 4; hops += 1) await undefined;
      restart(hub);
    }),
  },
  loseCard: { weight: 0.7, run: onHub(loseCard) },
  newEpoch: { weight: 1, run: onHub(newEpoch) },
  // Not by chance: both copies end one command in the same words, and words name an event here. What both hold and each moves
  // into an epoch of its own is told twice, and a moved gap of one hides what the other has given the same numbers.
  clone: { weight: 0, run: onHub(clone) },
  wallJump: {
    weight: 2,
    run: onHub((hub, world) => hub.clock.jumpTo(pick(world, [-world.time.nowMs, DAY_MS, -HOUR_MS, 0, 0]))),
  },
  order: { weight: 7, run: order },
  push: { weight: 7, run: push },
  sweep: { weight: 2, run: (world) => world.cloud.sweep().catch(() => undefined) },
  effect: {
    weight: 8,
    run: onHub((hub, world) => hub.effects.shift()?.(world.random() < 0.9 ? 'applied' : 'failed')),
  },
  backUp: { weight: 2, run: backUp },
  restore: { weight: 1.5, run: restore },
  commitFault: {
    weight: 2,
    run: (world) => {
      world.cloud.database.fault = pick(world, ['refused', 'unheard']);
    },
  },
} as const satisfies Record<string, { weight: number; run: Action }>;

export type ActionName = keyof typeof ACTIONS;

function onHub(run: (hub: RigHub, world: World) => Promise<void> | void): Action {
  return (world) => {
    const hub = pick(world, world.hubs);
    return run(hub, world);
  };
}

/** One lane is fed as if something had gone mad. */
function burst(hub: RigHub, world: World): void {
  const kind = eventOf(world);
  for (let left = BURST; left > 0; left -= 1) {
    for (;;) {
      const event = eventOf(world);
      if (event.type !== kind.type) continue;
      hub.enqueue(event);
      break;
    }
  }
}

const BURST = 24;
const REGISTERS = ['one', 'two', 'three'] as const;

function setRegister(hub: RigHub, world: World): void {
  world.count += 1;
  hub.setRegister(pick(world, REGISTERS), { count: world.count });
}

/** One that takes many pages. */
export function setBigRegister(hub: RigHub, world: World): void {
  world.count += 1;
  // SQLite does not write the pages of a value again that stay as they are.
  hub.setRegister('big', { count: world.count, text: `${world.count % 10}`.repeat(BIG_CHARACTERS) });
}

const BIG_CHARACTERS = 200_000;

/** Of ten requests, six go there and back; the others are lost either way, doubled or held up. */
async function deliver(hub: RigHub, world: World): Promise<void> {
  const sent = hub.wire.waiting[0];
  if (sent === undefined) return;
  const chance = world.random();
  if (chance < 0.1) return sent.fail();
  if (sent.reply === undefined || chance < 0.2) await world.deliver(hub, sent);
  if (chance < 0.2) await world.deliver(hub, sent);
  if (chance < 0.3) return;
  if (chance < 0.4) return sent.fail();
  world.answer(hub, sent);
  if (world.random() < 0.5) hub.wire.drop(sent);
}

async function stray(hub: RigHub, world: World): Promise<void> {
  const { strays } = hub.wire;
  if (strays.length === 0) return;
  const sent = pick(world, strays);
  await world.deliver(hub, sent);
  hub.wire.drop(sent);
}

/** Of this epoch: of another one a reply says nothing that a hub could tell it by, and HTTP gives no request the answer to another. */
function oldReply(hub: RigHub, world: World): void {
  const old = hub.wire.strays.filter(({ reply, json }) => reply !== undefined && epochOf(json) === hub.epoch);
  const sent = hub.wire.waiting[0];
  if (old.length > 0 && sent !== undefined) world.answer(hub, sent, pick(world, old));
}

function epochOf(json: unknown): string {
  return RequestSchema.parse(json).epoch;
}

/** Killed and started again. */
export function restart(hub: RigHub): void {
  hub.crash();
  hub.start();
}

function loseCard(hub: RigHub, world: World): void {
  const { epoch } = hub;
  hub.loseCard();
  hub.start();
  // What was on it is known to be lost with it.
  if (world.backedUp.has(epoch)) world.backedUp.add(hub.epoch);
}

/** Only from an epoch that the cloud has seen, and not beside backups: what is told late of two epochs at once is not proved. */
function newEpoch(hub: RigHub, world: World): void {
  if (world.backedUp.size > 0 || !world.record.knows(hub.epoch)) return;
  enterNewEpoch(hub);
}

/** At a start, as after a salvage: no answer to a request of the old one is waited for. */
export function enterNewEpoch(hub: RigHub): void {
  restart(hub);
  hub.parts.outbox.startNewEpoch();
}

/** A copy of a card gets a hub of its own. */
export function clone(hub: RigHub, world: World): void {
  if (world.hubs.length >= MOST_CARDS) return;
  const index = world.cloud.hubs.findIndex(({ caller }) => caller === hub.deps.caller.caller);
  const other = world.addHub(index);
  hub.copyTo(other);
  other.start();
}

const MOST_CARDS = 4;

async function order(world: World): Promise<void> {
  const hub = pick(world, world.hubs);
  const slot = `slot-${part(world, SLOTS)}`;
  const spanMs = part(world, pick(world, [3 * SECOND_MS, HOUR_MS]));
  const hasDeadline = world.random() >= 0.5;
  const kind = world.random() < 0.3 ? 'reboot' : 'refresh';
  await orderOf(world, hub, { kind, slot, ...(hasDeadline && { spanMs }) });
}

export type Ordered = { kind: 'reboot' | 'refresh'; slot: string; spanMs?: number };

/** Somebody wants something of a hub, within a span of time or whenever it may be. */
export async function orderOf(world: World, hub: RigHub, { kind, slot, spanMs }: Ordered): Promise<void> {
  const deadlineAt = spanMs === undefined ? undefined : new Date(world.time.nowMs + spanMs);
  const place = { slot, deadlineAt };
  const displayId = '01890000-0000-7000-8000-000000000001';
  const { caller } = hub.deps;
  if (kind === 'reboot') await world.order(caller, { ...place, kind, body: {} });
  else await world.order(caller, { ...place, kind, body: { displayId } });
}

async function push(world: World): Promise<void> {
  if (world.pushes.length === 0) return;
  const index = part(world, world.pushes.length);
  const [one] = world.random() < 0.8 ? world.pushes.splice(index, 1) : world.pushes.slice(index, index + 1);
  const hubs = world.hubs.filter(({ deps }) => deps.caller.thingName === one?.thingName);
  if (one !== undefined && hubs.length > 0 && world.random() < 0.8) await world.push(pick(world, hubs), one.json);
}

/** The cloud is copied as it is. */
export async function backUp(world: World): Promise<void> {
  await world.cloud.backUp();
  world.backedUp = new Set(world.hubs.map(({ epoch }) => epoch));
}

async function restore(world: World): Promise<void> {
  // An epoch that was left since then has nobody who could tell what the cloud has lost of it.
  if (world.hubs.every(({ epoch }) => world.backedUp.has(epoch))) await comeBack(world);
}

/** The cloud is what it was when it was copied. */
export async function comeBack(world: World): Promise<void> {
  await world.cloud.restore();
  world.record.restored(await world.cloud.generation(), await streamsOf(world.cloud));
}
