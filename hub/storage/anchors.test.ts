import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';

const WARNED = {
  type: 'hub.warned',
  body: { at: '2026-01-01T00:00:00.000Z', level: 'warn', mod: 'a', message: 'b', code: null, count: 1 },
} as const;

test('of each run the last eight comparisons with the clock of the cloud are kept', ({ store: { anchors, boot } }) => {
  for (let k = 1; k <= 10; k += 1) anchors.note(boot.id, k * 1000, k, 5);
  const kept = anchors.forBoots([boot.id]);
  expect(kept.map(({ mono }) => mono)).toEqual([3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
  expect(kept[0]).toEqual({ boot: boot.id, mono: 3000, at: '1970-01-01T00:00:00.003Z', rttMs: 5 });
});

test('an earlier run is remembered for as long as one of its events is held', async ({ site }) => {
  const first = await site.open();
  await first.outbox.enqueue(WARNED);
  first.anchors.note(first.boot.id, 1, 1, 1);
  const second = await site.open();
  second.outbox.tidy();
  second.anchors.note(second.boot.id, 1, 1, 1);
  expect(second.anchors.forBoots([first.boot.id])).toHaveLength(1);
  second.outbox.noteSent(3, 1);
  second.database.write(() => second.outbox.acknowledge(3, 1));
  second.outbox.tidy();
  second.anchors.note(second.boot.id, 2, 2, 1);
  expect(second.anchors.forBoots([first.boot.id])).toEqual([]);
  expect(second.anchors.forBoots([second.boot.id])).toHaveLength(2);
});
