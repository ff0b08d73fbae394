import { expect } from 'vitest';
import { HardwareError } from '../../hardware/index.js';
import { onPanel } from '../../test/support/hub-panel.js';
import { settle, test } from '../../test/support/hub-site.js';

const REST_MS = 180_000;
const COLOURS = { panel: '7in3e' };

// Glass was driven four times within half a minute.
test('glass that was driven rests, also if the refresh failed', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site, COLOURS);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end(new HardwareError('epd.busy-timeout', 'BUSY held'));
  site.clock.advance(REST_MS - 1);
  await settle();
  expect(panel.shown).toHaveLength(1);
  site.clock.advance(1);
  await settle();
  await panel.end();
  expect(store.presentations.get('first')?.state).toBe('confirmed');
  await display.stop();
});

test('a refresh that failed before the glass was driven is tried again after a while', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site, COLOURS);
  panel.isUnplugged = true;
  display.start();
  ask('first', '1');
  await settle();
  await panel.end(new HardwareError('epd.no-answer', 'no answer'));
  panel.isUnplugged = false;
  site.clock.advance(1000);
  await settle();
  expect(panel.shown).toHaveLength(2);
  await panel.end();
  await display.stop();
});

// A hub that lost its power in each refresh drove the glass at each start.
test('glass rests after a refresh in whose middle the hub was killed', async ({ site }) => {
  const killed = onPanel(await site.open(), site, COLOURS);
  killed.display.start();
  killed.ask('first', '1');
  await settle();
  expect(killed.panel.shown).toHaveLength(1);

  const { display, panel, page } = onPanel(await site.open(), site, COLOURS);
  display.take({ presentationId: 'first', page: page('1') });
  display.start();
  await settle();
  expect(panel.shown).toEqual([]);
  site.clock.advance(REST_MS);
  await settle();
  expect(panel.shown).toHaveLength(1);
  await panel.end();
  await display.stop();
});

// A Pi without a battery for its clock starts in the past, and painted at once.
test('a rest begins anew when the clock has lost its time with the power', async ({ site }) => {
  const first = onPanel(await site.open(), site, COLOURS);
  first.display.start();
  first.ask('first', '1');
  await settle();
  await first.panel.end();
  await first.display.stop();
  site.clock.jumpWall(-3_600_000);

  const { display, panel, ask } = onPanel(await site.open(), site, COLOURS);
  display.start();
  ask('second', '2');
  await settle();
  site.clock.advance(REST_MS - 1);
  await settle();
  expect(panel.shown).toEqual([]);
  site.clock.advance(1);
  await settle();
  expect(panel.shown).toHaveLength(1);
  await panel.end();
  await display.stop();
});
