import { expect, test } from 'vitest';
import { PANELS, panelSpec } from '../../hardware/index.js';
import { packFrame, renderFrame, unpackFrame } from '../../render/index.js';
import { drawTestCard } from './test-card.js';

test.each(Object.keys(PANELS))('the card of %s shows its edges, its corners and every ink', async (id) => {
  const panel = panelSpec(id);
  const { width, height, inks } = panel;
  const card = await drawTestCard({ panel, id, renderFrame, packFrame, unpackFrame });
  const frame = await card.withCount(0);
  expect(frame).toMatchObject({ width, height });
  const indexes = unpackFrame(frame);
  const ink = (x: number, y: number) => indexes[y * width + x];
  const edge = Array.from({ length: width }, (_, x) => [ink(x, 0), ink(x, height - 1)]).flat();
  const sides = Array.from({ length: height }, (_, y) => [ink(0, y), ink(width - 1, y)]).flat();
  expect(new Set([...edge, ...sides])).toEqual(new Set([0]));
  // The line further in, and paper between the two.
  expect([2, 3, 4, 5].map((x) => ink(x, height >> 1))).toEqual([1, 1, 0, 1]);
  expect([ink(10, 10), ink(width - 11, 10), ink(10, height - 11), ink(width - 11, height - 11)]).toEqual([0, 1, 1, 1]);
  const bar = Array.from({ length: width }, (_, x) => ink(x, Math.round(height * 0.12)));
  expect(new Set(bar).size).toBe(inks.length);
  const black = indexes.filter((index) => index === 0).length / indexes.length;
  expect(black).toBeGreaterThan(0.1);
  expect(black).toBeLessThan(0.6);
});

const WITH_GREYS = Object.keys(PANELS).filter((id) => panelSpec(id).grey !== undefined);

test.each(WITH_GREYS)('the card of %s in greys has each of them in a bar of its own', async (id) => {
  const panel = panelSpec(id);
  const card = await drawTestCard({ panel, id, renderFrame, packFrame, unpackFrame });
  const frame = await card.greys();
  expect(frame).toMatchObject({ width: panel.width, height: panel.height, bitsPerPixel: 2 });
  const indexes = frame === undefined ? [] : unpackFrame(frame);
  const row = Math.round(panel.height * 0.12) * panel.width;
  const bar = [1, 3, 5, 7].map((eighth) => indexes[row + Math.round(16 + ((panel.width - 32) * eighth) / 8)]);
  expect(bar).toEqual([0, 1, 2, 3]);
});

test('a panel without greys has no card in them', async () => {
  const card = await drawTestCard({ panel: panelSpec('7in3e'), id: '7in3e', renderFrame, packFrame, unpackFrame });
  expect(await card.greys()).toBeUndefined();
});

test('cards differ in their counter alone', async () => {
  const panel = panelSpec('7in5_V2');
  const card = await drawTestCard({ panel, id: 'id', renderFrame, packFrame, unpackFrame });
  const [first, second] = [unpackFrame(await card.withCount(1)), unpackFrame(await card.withCount(2))];
  const changed = [...first.keys()].filter((at) => first[at] !== second[at]);
  expect(changed.length).toBeGreaterThan(0);
  for (const at of changed) {
    expect(at % panel.width).toBeGreaterThan(panel.width / 2);
    expect(at / panel.width).toBeGreaterThan(panel.height / 3);
  }
});

// The letters were as large as those of a message, and showed nothing of how sharp the glass is.
test('the words are set small', async () => {
  const panel = panelSpec('4in2_V2');
  const card = await drawTestCard({ panel, id: '4in2_V2', renderFrame, packFrame, unpackFrame });
  const indexes = unpackFrame(await card.withCount(0));
  const words = { left: 20, right: 240, top: 120, bottom: panel.height - 10 };
  const hasInk = Array.from({ length: words.bottom - words.top }, (_, row) => {
    const from = (words.top + row) * panel.width;
    return indexes.subarray(from + words.left, from + words.right).includes(0);
  });
  const lines = hasInk.filter((ink, row) => ink && hasInk[row - 1] !== true).length;
  expect(lines).toBeGreaterThanOrEqual(8);
});
