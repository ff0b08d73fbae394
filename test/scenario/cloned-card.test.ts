import { expect } from 'vitest';
import { QueueViewSchema } from '../../hub/api/queue-view.js';
import { thingNameFor } from '../../provisioning/index.js';
import { test } from '../support/hub-world.js';

const WAIT = { timeout: 30_000, interval: 50 };
const SESSION_TAKEN_OVER = 0x8e;

test('a hub whose card was copied says so on its page and once to the cloud, and goes on', { timeout: 60_000 }, async ({
  world,
  startHub,
  logged,
}) => {
  const { admin } = world.iotCore;
  const thingName = thingNameFor(world.hwId);
  world.reader.place(await world.signedTag());
  const hub = await startHub();
  const link = async () => (await hub.status()).link;
  const told = () => logged.filter((line) => line.includes('its card was copied'));
  await expect.poll(async () => (await link()).connected, WAIT).toBe(true);
  // What is told of the link itself goes in another lane, as often as it changes.
  const control = async () => {
    const queue = await fetch(`${hub.url}/api/queue`);
    return QueueViewSchema.parse(await queue.json()).lanes[0]?.rows ?? 0;
  };
  const before = await control();
  for (const reconnects of [1, 2]) {
    expect(admin.dropClient(thingName, SESSION_TAKEN_OVER)).toBe(true);
    await expect.poll(link, WAIT).toMatchObject({ connected: true, reconnects, cloneSuspected: false });
  }
  for (const reconnects of [3, 4]) {
    admin.dropClient(thingName, SESSION_TAKEN_OVER);
    await expect.poll(link, WAIT).toMatchObject({ connected: true, reconnects, cloneSuspected: true });
  }
  expect(told()).toHaveLength(1);
  expect(await control()).toBe(before + 1);
  expect(await (await fetch(hub.url)).text()).toContain('Another device says that it is this hub');
});
