import { expect, test } from 'vitest';
import { VirtualClock } from '../virtual-clock.js';
import type { Strictness } from './lint.js';
import { SimPanel } from './sim-panel.js';
import { runSteps, type WireStep } from './wire-steps.js';

const SIZE = { width: 32, height: 8 };
/** Columns 0 to 3 in bytes, rows 0 to 7. */
const WINDOW: readonly WireStep[] = [
  [0x44, 0, 3],
  [0x45, 0, 0, 7, 0],
  [0x4e, 0],
  [0x4f, 0, 0],
];
const PLANE = new Array<number>(32).fill(0xf0);
const BW: WireStep = [0x24, ...PLANE];
const RED: WireStep = [0x26, ...PLANE];
const FULL: readonly WireStep[] = [[0x22, 0xf7], [0x20], 'idle'];
const PARTIAL: readonly WireStep[] = [[0x22, 0xff], [0x20], 'idle'];

const SHOWN: readonly WireStep[] = [...WINDOW, BW, RED, ...FULL];

function newPanel(strictness: Strictness = 'lint', panel = '4in2_V2'): SimPanel {
  return new SimPanel({ panel, ...SIZE, clock: new VirtualClock({ auto: true }), strictness });
}

test.each<[string, string, readonly WireStep[]]>([
  ['a command during a refresh', 'bytes-while-busy', [...WINDOW, BW, [0x22, 0xf7], [0x20], [0x3c, 0x05]]],
  [
    'a command in deep sleep',
    'bytes-while-off',
    [
      [0x10, 0x01],
      [0x3c, 0x05],
    ],
  ],
  ['a command that the chip does not have', 'unknown-command', [[0x80]]],
  ['a command without its data', 'wrong-parameter-count', [[0x18], [0x11, 0x03]]],
  ['a plane that is too short', 'plane-too-short', [...WINDOW, BW.slice(0, -1), RED]],
  ['a plane that wraps and writes over its beginning', 'plane-too-long', [...WINDOW, [...BW, 0]]],
  ['counters outside the window', 'counter-outside-window', [...WINDOW, [0x4e, 9], BW]],
  ['columns beyond the glass', 'window-outside', [[0x44, 0, 4]]],
  ['rows beyond the glass', 'window-outside', [[0x45, 0, 0, 8, 0]]],
  ['fewer gates than the glass has', 'wrong-resolution', [[0x01, 6, 0, 0]]],
  ['a refresh without the analog part', 'refresh-without-power', [...WINDOW, BW, [0x22, 0x94], [0x20]]],
  ['a refresh without a waveform', 'refresh-without-waveform', [...WINDOW, BW, [0x22, 0xc7], [0x20]]],
  ['a refresh of what was never written', 'refresh-of-unknown-ram', FULL],
  ['a partial refresh without the picture before', 'refresh-of-unknown-ram', [...WINDOW, BW, ...PARTIAL]],
  ['a waveform of no panel', 'unknown-waveform', [[0x32, ...new Array<number>(227).fill(1)]]],
  ['a level that stays on the border', 'border-unbalanced', [...WINDOW, BW, [0x3c, 0x60], ...FULL]],
  ['a border that is driven at each partial refresh', 'border-driven', [...SHOWN, [0x3c, 0x05], ...PARTIAL]],
  ['a 26 that the glass does not show', 'stale-base', [...SHOWN, [0x26, 0xff, ...PLANE.slice(1)], ...PARTIAL]],
  ['burning the memory of the chip', 'otp-programmed', [[0x2a]]],
  ['a checksum', 'not-modelled', [[0x34]]],
  ['deep sleep with the high voltage on', 'sleep-without-power-off', [[0x22, 0xe0], [0x20], 'idle', [0x10, 0x01]]],
])('%s is found: %s', async (_what, code, steps) => {
  const panel = newPanel();
  await runSteps(panel, steps);
  expect(panel.lint.faults.map((fault) => fault.code)).toEqual([code]);
  await expect(runSteps(newPanel('strict'), steps)).rejects.toMatchObject({ code: 'epd.rule-broken' });
});

test('a full refresh shows 24, a partial one only where 24 and 26 differ', async () => {
  const panel = newPanel();
  await runSteps(panel, [...WINDOW, BW, RED, ...FULL]);
  expect([...panel.glass.frame().data]).toEqual(PLANE);
  await runSteps(panel, [[0x24, 0xff, ...PLANE.slice(1)], ...PARTIAL]);
  expect([...panel.glass.frame().data]).toEqual([0xff, ...PLANE.slice(1)]);
  expect(panel.refreshes.map(({ mode }) => mode)).toEqual(['full', 'partial']);
  expect(panel.lint.faults).toEqual([]);
});

test('a stale 26 drives what it should not: a fragment of an older picture stays', async () => {
  const panel = newPanel();
  await runSteps(panel, [...WINDOW, BW, RED, ...FULL]);
  await runSteps(panel, [[0x24, 0xff, ...PLANE.slice(1)], ...PARTIAL, BW, ...PARTIAL]);
  expect(panel.glass.frame().data[0]).toBe(0xff);
});

test('a chip that plays ping-pong has what it showed in 26 afterwards', async () => {
  const panel = newPanel();
  await runSteps(panel, [...WINDOW, BW, RED, ...FULL, [0x37, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0]]);
  await runSteps(panel, [[0x24, 0xff, ...PLANE.slice(1)], ...PARTIAL, BW, ...PARTIAL]);
  expect([...panel.glass.frame().data]).toEqual(PLANE);
});

test('a temperature that was written chooses the fast waveform', async () => {
  const panel = newPanel();
  await runSteps(panel, [...WINDOW, BW, [0x1a, 0x6e], [0x22, 0x91], [0x20], 'idle', [0x22, 0xc7], [0x20], 'idle']);
  expect(panel.refreshes).toMatchObject([{ mode: 'fast', durationMs: 1_500 }]);
  expect(panel.lint.faults).toEqual([]);
});

test('rows can be written from right to left and from bottom to top', async () => {
  const panel = newPanel();
  const counted = Array.from({ length: 32 }, (_, at) => at);
  const backwards: readonly WireStep[] = [
    [0x11, 0x00],
    [0x44, 3, 0],
    [0x45, 7, 0, 0, 0],
    [0x4e, 3],
    [0x4f, 7, 0],
  ];
  await runSteps(panel, [...backwards, [0x24, ...counted], ...FULL]);
  expect([...panel.glass.frame().data]).toEqual(counted.toReversed());
  await runSteps(panel, [[0x11, 0x07], ...WINDOW, [0x24, ...counted], ...FULL]);
  expect([...panel.glass.frame().data.subarray(0, 5)]).toEqual([0, 8, 16, 24, 1]);
});

test('update control 1 inverts a plane or takes it as zero', async () => {
  const panel = newPanel();
  await runSteps(panel, [...WINDOW, [0x21, 0x08, 0x00], BW, ...FULL]);
  expect(panel.glass.frame().data[0]).toBe(0x0f);
  await runSteps(panel, [[0x21, 0x04, 0x00], ...FULL]);
  expect(panel.glass.frame().data[0]).toBe(0x00);
});

test('deep sleep keeps BUSY held until a reset, and RAM', async () => {
  const panel = newPanel();
  await runSteps(panel, [...WINDOW, BW, [0x10, 0x01], 'idle']);
  expect(await panel.gpio.get('busy')).toBe(1);
  await runSteps(panel, ['reset', 'idle']);
  expect(await panel.gpio.get('busy')).toBe(0);
  await runSteps(panel, [...WINDOW, ...FULL]);
  expect(panel.lint.faults).toEqual([]);
  await runSteps(panel, [[0x10, 0x03], 'reset', 'idle', ...FULL]);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['refresh-of-unknown-ram']);
});
