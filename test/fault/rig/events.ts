import type { HubEvent, Lane } from '../../../contract/index.js';
import { LANES } from '../queue/steps.js';
import { pick } from './chance.js';
import type { World } from './world.js';

/** No text of an event has so many characters. */
const TOO_LONG = 300;

/** An event by chance. */
export function eventOf(world: World): HubEvent {
  // Now and then one that the cloud cannot read.
  const characters = world.random() < 0.05 ? TOO_LONG : 0;
  return eventIn(world, pick(world, LANES), characters);
}

/** An event of a lane whose body no other has; filled up to so many characters, where it has a text. */
export function eventIn(world: World, lane: Lane, characters = 0): HubEvent {
  world.count += 1;
  const { count } = world;
  const at = new Date(world.time.nowMs).toISOString();
  const text = `${count}`.padEnd(characters, '.');
  switch (lane) {
    case 0:
      return { type: 'hub.started', body: { version: text, bootId: '01890000-0000-7000-8000-000000000000' } };
    case 1:
      return { type: 'link.changed', body: { at, connected: true, reason: text } };
    case 2: {
      const figures = { rssBytes: 1, temperatureC: null, freeBytes: null, queueRows: 1, queueBytes: 1 };
      return { type: 'hub.telemetry', body: { at, uptimeS: count, ...figures } };
    }
    case 3:
      return { type: 'hub.warned', body: { at, level: 'warn', mod: 'rig', message: text, code: null, count: 1 } };
  }
}
