import { expect } from 'vitest';
import { eventsOf, SILENT, test } from '../../test/support/hub-site.js';
import { CloneWatch, isCloneSuspected, UNDISPUTED_AFTER_MS } from './clone-watch.js';
import type { LinkState } from './cloud-link.js';

const AT_MS = Date.UTC(2026, 2, 1);
const state = (takeOvers: number, more: Partial<LinkState> = {}): LinkState => ({
  ...{ connected: false, connectedSinceMs: undefined, reconnects: 0, problem: undefined, takeOvers },
  ...more,
});

test('a hub that is thrown out again and again tells the cloud once, and again in another row', async ({ store }) => {
  const watch = new CloneWatch({ outbox: store.outbox, now: () => AT_MS, log: SILENT });
  for (const takeOvers of [1, 2]) watch.hear(state(takeOvers));
  expect(eventsOf(store)).toEqual([]);
  for (const takeOvers of [3, 3, 4, 9]) watch.hear(state(takeOvers));
  await expect
    .poll(() => eventsOf(store))
    .toMatchObject([{ type: 'identity.clone-suspected', body: { at: '2026-03-01T00:00:00.000Z', takeOvers: 3 } }]);
  for (const takeOvers of [1, 2, 3]) watch.hear(state(takeOvers));
  await expect.poll(() => eventsOf(store).length).toBe(2);
});

test('the suspicion is over when a connection has held for ten minutes', () => {
  expect(isCloneSuspected(state(2), AT_MS)).toBe(false);
  expect(isCloneSuspected(state(3), AT_MS)).toBe(true);
  const connected = state(3, { connected: true, connectedSinceMs: AT_MS });
  expect(isCloneSuspected(connected, AT_MS + UNDISPUTED_AFTER_MS - 1)).toBe(true);
  expect(isCloneSuspected(connected, AT_MS + UNDISPUTED_AFTER_MS)).toBe(false);
});
