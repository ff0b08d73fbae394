import { expect } from 'vitest';
import { HardwareError } from '../../hardware/index.js';
import { onPanel } from '../../test/support/hub-panel.js';
import { settle, test } from '../../test/support/hub-site.js';
import type { Store } from '../storage/store.js';

const WHITE = 0xff;

/** A hub that has shown one message and stopped. */
async function shownBefore(store: Store, site: Parameters<typeof onPanel>[1]): Promise<string> {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  await display.stop();
  return display.displayId;
}

// A power cut by night left half a picture until the next message.
test('glass that a stop left half wiped is drawn again at the next start', async ({ store, site }) => {
  const displayId = await shownBefore(store, site);
  store.displays.beginRefresh(displayId, site.clock.now());
  const { display, panel } = onPanel(store, site);
  display.start();
  await settle();
  await panel.end();
  expect(panel.shown).toEqual([{ byte: 1, mode: 'full' }]);
  expect(store.displays.get(displayId)).toMatchObject({ glass: 'known', currentPresentationId: 'first' });
  await display.stop();
});

// A hub that was released while its glass rested, and then switched off, kept the picture on its glass.
test('what a household that has left showed is taken off at the next start', async ({ store, site }) => {
  const displayId = await shownBefore(store, site);
  store.leaving.forget({ gen: 'g1', downSeq: 9 });
  const { display, panel } = onPanel(store, site);
  display.start();
  await settle();
  await panel.end();
  expect(panel.shown).toEqual([{ byte: WHITE, mode: 'full' }]);
  await display.stop();
  expect(store.displays.get(displayId)).toMatchObject({ glass: 'known', currentPresentationId: null });
});

test('what a household that has left showed is taken off later if the panel failed at first', async ({
  store,
  site,
}) => {
  await shownBefore(store, site);
  store.leaving.forget({ gen: 'g1', downSeq: 9 });
  const { display, panel } = onPanel(store, site);
  display.start();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await settle();
    await panel.end(new HardwareError('epd.busy-timeout', 'BUSY held'));
    site.clock.advance(20_000);
  }
  await settle();
  expect(panel.shown).toHaveLength(4);
  site.clock.advance(600_000);
  await settle();
  await panel.end();
  site.clock.advance(3_600_000);
  await settle();
  expect(panel.shown.map(({ byte }) => byte)).toEqual(Array.from({ length: 5 }, () => WHITE));
  await display.stop();
});
