import { expect } from 'vitest';
import { onPanel } from '../../test/support/hub-panel.js';
import { settle, test } from '../../test/support/hub-site.js';

// Its high voltage stayed on until the next message, which may be days away.
test('a panel that could not be put to sleep is tried again', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  panel.sleepless = 2;
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  expect(store.displays.get(display.displayId)?.awake).toBe(1);
  for (let look = 0; look < 2; look += 1) {
    site.clock.advance(600_000);
    await settle();
  }
  expect(panel).toMatchObject({ sleeps: 1, shown: [{ byte: 1 }] });
  expect(store.displays.get(display.displayId)?.awake).toBe(0);
  await display.stop();
});

// The picture of a household that had left came back after the screen.
test('what a household leaves while a screen is painted does not come back after it', async ({ store, site }) => {
  const { display, panel, ask } = onPanel(store, site);
  display.start();
  ask('first', '1');
  await settle();
  await panel.end();
  const done = display.showScreen({ kind: 'identify', displayName: 'a', hubName: 'b', panel: 'c' }, { showForS: 30 });
  await settle();
  store.leaving.forget({ gen: 'g1', downSeq: 9 });
  await panel.end();
  expect(await done).toMatchObject({ state: 'shown' });
  expect(store.displays.get(display.displayId)).toMatchObject({ restoreFrameSha256: null, restoreAtMs: null });
  await display.stop();
});
