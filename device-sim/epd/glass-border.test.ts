import { expect, test } from 'vitest';
import { VirtualClock } from '../virtual-clock.js';
import { SimPanel } from './sim-panel.js';
import { runSteps, type WireStep } from './wire-steps.js';

const PLANE = new Array<number>(32).fill(0xf0);
const SSD: readonly WireStep[] = [
  [0x44, 0, 3],
  [0x45, 0, 0, 7, 0],
  [0x4e, 0],
  [0x4f, 0, 0],
  [0x24, ...PLANE],
  [0x26, ...PLANE],
];
const SSD_FULL: readonly WireStep[] = [[0x22, 0xf7], [0x20], 'idle'];
const SSD_PARTIAL: readonly WireStep[] = [[0x22, 0xff], [0x20], 'idle'];
const UC: readonly WireStep[] = [[0x04], 'idle', [0x10, ...PLANE], [0x13, ...PLANE]];
const DRF: readonly WireStep[] = [[0x12], 'idle'];
const BLACK = 0;
const WHITE = 1;
const RED = 2;

function newPanel(panel: string): SimPanel {
  return new SimPanel({ panel, width: 32, height: 8, clock: new VirtualClock({ auto: true }) });
}

test.each([
  ['4in2_V2', 0x05, WHITE],
  ['4in2_V2', 0x04, BLACK],
  ['4in2_V2', 0x01, WHITE],
])('%s: border register %d drives the border where the picture flashes', async (id, register, ends) => {
  const panel = newPanel(id);
  await runSteps(panel, [...SSD, [0x3c, register], ...SSD_FULL]);
  expect(panel.border).toMatchObject({ shown: ends, isKnown: true, ghost: 0 });
  expect(panel.lint.faults).toEqual([]);
});

test.each<[string, number, number, number]>([
  ['two inks, a set bit is black', 0x1f, 0x10, WHITE],
  ['two inks, a set bit is black', 0x1f, 0x20, BLACK],
  ['two inks, a set bit is black', 0x1f, 0x30, BLACK],
  ['two inks, a set bit is white', 0x1f, 0x21, WHITE],
  ['two inks, a set bit is white', 0x1f, 0x11, BLACK],
  ['two inks, a set bit is white', 0x1f, 0x01, BLACK],
  ['three inks', 0x0f, 0x11, WHITE],
  ['three inks', 0x0f, 0x21, RED],
  ['three inks', 0x0f, 0x01, BLACK],
  ['three inks, a set bit is black', 0x0f, 0x10, RED],
])('%s: PSR %d and CDI %d choose what the border shows', async (_what, psr, cdi, ends) => {
  const panel = newPanel(psr === 0x0f ? '7in5b_V2' : '7in5_V2');
  await runSteps(panel, [[0x00, psr], [0x50, cdi, 0x07], ...UC, ...DRF]);
  expect(panel.border).toMatchObject({ shown: ends, isKnown: true });
  expect(panel.lint.faults).toEqual([]);
});

test.each([
  [0x3f, 1],
  [0x5f, 2],
  [0xdf, 5],
])('colour glass: CDI %d gives the border an ink', async (cdi, ink) => {
  const panel = newPanel('7in3e');
  const unlocked: WireStep = [0xaa, 0x49, 0x55, 0x20, 0x08, 0x09, 0x18];
  const picture: WireStep = [0x10, ...new Array<number>(128).fill(0x11)];
  await runSteps(panel, [unlocked, [0x50, cdi], picture, [0x04], 'idle', [0x12, 0x00], 'idle']);
  expect(panel.border).toMatchObject({ shown: ink, isKnown: true });
});

test('a border that floats keeps what it shows; before it was ever driven that is anything, which is told', async () => {
  const panel = newPanel('4in2_V2');
  const before = panel.border.shown;
  await runSteps(panel, [...SSD, ...SSD_FULL]);
  expect(panel.border).toMatchObject({ shown: before, isKnown: false });
  expect(panel.lint.advice.map(({ code }) => code)).toEqual(['border-unknown']);
  await runSteps(panel, [[0x3c, 0x05], ...SSD_FULL, [0x3c, 0xc0], ...SSD_FULL]);
  expect(panel.border.shown).toBe(WHITE);
  expect(panel.lint.advice.filter(({ code }) => code === 'border-unknown').length).toBe(1);
});

test('a border that is driven by partial refreshes is left greyer by each, until a flash clears it', async () => {
  const panel = newPanel('4in2_V2');
  await runSteps(panel, [...SSD, [0x3c, 0x05], ...SSD_FULL, ...SSD_PARTIAL, ...SSD_PARTIAL]);
  expect(panel.border.ghost).toBeCloseTo(0.06, 5);
  expect(panel.border.shown).toBeCloseTo(0.94, 5);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['border-driven', 'border-driven']);
  await runSteps(panel, SSD_FULL);
  expect(panel.border).toMatchObject({ ghost: 0, shown: WHITE });
});

test('VCOM keeps the border still through partial refreshes', async () => {
  const panel = newPanel('4in2_V2');
  await runSteps(panel, [...SSD, [0x3c, 0x05], ...SSD_FULL, [0x3c, 0x80], ...SSD_PARTIAL]);
  expect(panel.border).toMatchObject({ ghost: 0, shown: WHITE });
  expect(panel.lint.faults).toEqual([]);
});

test('a refresh that was cut off leaves the border between what it was and what it should be', async () => {
  const panel = newPanel('4in2_V2');
  await runSteps(panel, [...SSD, [0x3c, 0x05], ...SSD_FULL, [0x3c, 0x04], [0x22, 0xf7], [0x20]]);
  panel.cutPower(1_000);
  await panel.clock.sleep(5_000);
  expect(panel.border.isKnown).toBe(false);
  expect(panel.border.shown).toBeGreaterThan(0.2);
  expect(panel.border.shown).toBeLessThan(0.8);
});
