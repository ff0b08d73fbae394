import { expect, test } from 'vitest';
import { panelSpec, type ShowMode } from '../../hardware/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { SimPanel } from './sim-panel.js';
import { writtenLut } from './ssd168x-lut.js';
import { endOf, waveformPath } from './waveform-path.js';
import { runSteps, type WireStep } from './wire-steps.js';

const SIZE = { width: 32, height: 8 };

const LUT_2IN9_FULL = lutOf('full');
const LUT_2IN9_FAST = lutOf('fast');
const LUT_2IN9_PARTIAL = lutOf('partial');
const LUT_2IN9_GREY = lutOf('grey');

/** The waveform that the 2.9" is given for a mode. */
function lutOf(mode: ShowMode): readonly number[] {
  const step = panelSpec('2in9_V2')[mode]?.init.find(([code]) => code === 0x32) ?? [];
  return step.slice(1);
}

function newPanel(panel: string): SimPanel {
  return new SimPanel({ panel, ...SIZE, clock: new VirtualClock({ auto: true }) });
}

test.each([
  ['full', LUT_2IN9_FULL, [0, 1, 0, 1]],
  ['fast', LUT_2IN9_FAST, [0, 1, 0, 1]],
])('the known %s waveform, run by its own bytes, ends as its name says, whatever was shown', (_name, lut, ends) => {
  const paths = writtenLut(Uint8Array.from(lut))?.paths ?? [];
  for (const shown of [0, 0.3, 1]) {
    for (const [pair, end] of ends.entries()) expect(endOf(paths[pair] ?? waveformPath([]), shown)).toBeCloseTo(end, 1);
  }
});

test('the known partial waveform moves what changes, and strengthens a little what stays', () => {
  const [black, toWhite, toBlack, white] = writtenLut(Uint8Array.from(LUT_2IN9_PARTIAL))?.paths ?? [];
  const still = waveformPath([]);
  expect(endOf(toWhite ?? still, 0)).toBe(1);
  expect(endOf(toBlack ?? still, 1)).toBe(0);
  expect(endOf(black ?? still, 0)).toBe(0);
  expect(endOf(white ?? still, 1)).toBe(1);
  expect(endOf(still, 0.4)).toBeUndefined();
});

/** The 2.9" with a waveform of its own, both planes and an update in display mode 1 or 2. */
function ssdSteps(lut: readonly number[], bw: number, red: number, update = 0xc7): readonly WireStep[] {
  return [
    [0x32, ...lut],
    [0x21, 0x00, 0x80],
    [0x44, 0, 3],
    [0x45, 0, 0, 7, 0],
    [0x4e, 0],
    [0x4f, 0, 0],
    [0x26, ...new Array<number>(32).fill(red)],
    [0x24, ...new Array<number>(32).fill(bw)],
    [0x22, update],
    [0x20],
    'idle',
  ];
}

test.each([
  ['full', LUT_2IN9_FULL, 1_776],
  ['fast', LUT_2IN9_FAST, 667],
  ['partial', LUT_2IN9_PARTIAL, 293],
  ['grey', LUT_2IN9_GREY, 1_680],
])('a waveform that was written has its name, and takes as long as its frames: %s', async (mode, lut, durationMs) => {
  const panel = newPanel('2in9_V2');
  await runSteps(panel, ssdSteps(lut, 0x00, 0x00));
  expect(panel.refreshes).toMatchObject([{ mode, durationMs }]);
  expect(panel.lint.faults.map(({ code }) => code)).not.toContain('unknown-waveform');
});

test('a waveform of no panel is told, and run for as long as it lasts', async () => {
  const panel = newPanel('2in9_V2');
  // The known one at half the speed: 50 Hz instead of 125 to begin with.
  const slow = LUT_2IN9_FULL.map((byte, at) => (at >= 144 && at < 150 ? 0x11 : byte));
  await runSteps(panel, ssdSteps(slow, 0xf0, 0xff));
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['unknown-waveform']);
  expect(panel.refreshes).toMatchObject([{ mode: 'full', durationMs: 1_776 * 2.5 }]);
  expect([...panel.glass.frame().data]).toEqual(new Array(32).fill(0xf0));
});

test('a waveform of no panel that is too short leaves the glass grey', async () => {
  const panel = newPanel('2in9_V2');
  await runSteps(panel, ssdSteps(LUT_2IN9_FULL, 0x00, 0x00));
  // One phase to white, of five frames at 50 Hz: half of what it takes.
  const short = new Array<number>(153).fill(0).with(12, 0x80).with(60, 5).fill(0x11, 144, 150);
  await runSteps(panel, ssdSteps(short, 0xff, 0x00, 0xcf));
  expect(panel.glass.shownAt(0, 0)).toBeCloseTo(0.5, 5);
  expect(panel.refreshes.at(-1)).toMatchObject({ mode: 'partial', durationMs: 100 });
});

const UC: readonly WireStep[] = [
  [0x00, 0x3f],
  [0x50, 0xb1, 0x07],
  [0x04],
  'idle',
  [0x10, ...new Array<number>(32).fill(0xcc)],
  [0x13, ...new Array<number>(32).fill(0xaa)],
];

test('waveforms in the registers of a UC8179 are run for their frames at the rate of PLL', async () => {
  const panel = newPanel('7in5_V2');
  const toBlack = [0x40, 25, 0, 0, 0, 2];
  const toWhite = [0x80, 25, 0, 0, 0, 2];
  const luts: readonly WireStep[] = [
    [0x30, 0x0b],
    [0x20, 0, 25, 0, 0, 0, 2],
    [0x21, ...toWhite],
    [0x22, ...toWhite],
    [0x23, ...toBlack],
    [0x24, ...toBlack],
  ];
  await runSteps(panel, [...UC, ...luts, [0x12], 'idle']);
  expect(panel.refreshes).toMatchObject([{ mode: 'full', durationMs: 500 }]);
  expect(panel.glass.frame().data.every((byte) => byte === 0xaa)).toBe(true);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['unknown-waveform']);
});

test('waveforms that leave alone what stays are a partial refresh', async () => {
  const panel = newPanel('7in5_V2');
  const luts: readonly WireStep[] = [
    [0x22, 0x80, 20, 0, 0, 0, 1],
    [0x23, 0x40, 20, 0, 0, 0, 1],
  ];
  const before = panel.glass.indexes();
  await runSteps(panel, [...UC, ...luts, [0x12], 'idle']);
  // OLD says white, white, black, black and NEW white, black, white, black.
  const [white, , , black] = before;
  expect([...panel.glass.indexes().subarray(0, 4)]).toEqual([white, 0, 1, black]);
  expect(panel.refreshes).toMatchObject([{ mode: 'partial', durationMs: 400 }]);
});
