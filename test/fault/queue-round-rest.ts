import type { QueueWorld } from './queue-round-world.js';

/** For a machine that has much else to do: a round takes two seconds. */
const DRAIN_LIMIT_MS = 60_000;

/**
 * From here on nothing goes wrong; gives what does not come to rest. Copies of one card take turns: together they would
 * take the epoch from each other for ever.
 */
export async function comeToRest(world: QueueWorld): Promise<string[]> {
  const restless: string[] = [];
  for (const hub of world.hubs) {
    hub.mendLinks();
    world.noteLink(hub, true);
  }
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
