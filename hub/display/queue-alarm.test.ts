import { expect } from 'vitest';
import { onPanel } from '../../test/support/hub-panel.js';
import { SILENT, type Site, settle, test } from '../../test/support/hub-site.js';
import type { Store } from '../storage/store.js';
import { type Alarm, QueueAlarm } from './queue-alarm.js';

const MINUTE_MS = 60_000;
const FULL: Alarm = { code: 'outbox.full', advice: 'Give it back its network.' };
const SCREEN = {
  kind: 'screen',
  name: 'error',
  data: { title: 'This hub needs you', text: FULL.advice, code: FULL.code },
};
const MESSAGE = 7;
const ALARM = 99;

/** A glass that shows a message, and an alarm at work. */
async function alarmed(store: Store, site: Site) {
  const glass = onPanel(store, site);
  const world: { alarm: Alarm | undefined } = { alarm: undefined };
  const { display } = glass;
  const alarm = new QueueAlarm({
    ...{ alarm: () => world.alarm, display, displays: store.displays, clock: site.clock, log: SILENT },
  });
  display.start();
  glass.ask('message', String(MESSAGE));
  await settle();
  await glass.panel.end();
  alarm.start();
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await settle();
      site.clock.advance(MINUTE_MS);
      await settle();
      await glass.panel.end();
    }
  };
  const bytes = () => glass.panel.shown.map(({ byte }) => byte);
  const stop = async () => void (await Promise.all([alarm.stop(), display.stop()]));
  return { ...glass, world, pass, bytes, stop };
}

test('what the household must do is told once, when it stands, and its message comes back when it is done', async ({
  store,
  site,
}) => {
  const { world, screens, pass, bytes, stop } = await alarmed(store, site);
  world.alarm = FULL;
  await pass(9);
  expect(screens).toEqual([]);
  await pass(3);
  expect(screens).toEqual([SCREEN]);
  await pass(40);
  expect(bytes()).toEqual([MESSAGE, ALARM]);
  world.alarm = undefined;
  await pass(2);
  expect(bytes()).toEqual([MESSAGE, ALARM, MESSAGE]);
  expect(store.displays.list()[0]).toMatchObject({ currentPresentationId: 'message' });
  await stop();
});

// An outage of some minutes would have wiped the glass twice.
test('what is over soon leaves the glass alone', async ({ store, site }) => {
  const { world, pass, bytes, stop } = await alarmed(store, site);
  for (let time = 0; time < 5; time += 1) {
    world.alarm = FULL;
    await pass(8);
    world.alarm = undefined;
    await pass(2);
  }
  expect(bytes()).toEqual([MESSAGE]);
  await stop();
});

test('what somebody shows meanwhile stays when the alarm is over', async ({ store, site }) => {
  const { world, ask, pass, bytes, stop } = await alarmed(store, site);
  world.alarm = FULL;
  await pass(12);
  ask('newer', '8');
  await pass(2);
  world.alarm = undefined;
  await pass(2);
  expect(bytes()).toEqual([MESSAGE, ALARM, 8]);
  await stop();
});
