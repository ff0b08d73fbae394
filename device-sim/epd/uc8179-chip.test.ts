import { expect, test } from 'vitest';
import { VirtualClock } from '../virtual-clock.js';
import type { Strictness } from './lint.js';
import { SimPanel } from './sim-panel.js';
import { runSteps as run, type WireStep as Step } from './wire-steps.js';

const SIZE = { width: 64, height: 16 };
const PLANE = new Array<number>(128).fill(0x00);

const OLD: Step = [0x10, ...PLANE];
const NEW: Step = [0x13, ...PLANE];
const PON: Step = [0x04];
const POF: Step = [0x02];
const DRF: Step = [0x12];
const READY: readonly Step[] = [[0x00, 0x1f], [0x61, 0, 64, 0, 16], [0x50, 0x31, 0x07], PON, 'idle', OLD, NEW];
const WINDOW: Step = [0x90, 0, 8, 0, 23, 0, 2, 0, 5, 1];
const PARTIAL: readonly Step[] = [[0xe0, 0x02], [0xe5, 0x6e], [0x50, 0xa9, 0x07], [0x91], WINDOW];

const SHOWN: readonly Step[] = [...READY, DRF, 'idle'];
/** One byte of the window turns white. */
const CHANGE: Step = [0x13, 0x80, 0, 0, 0, 0, 0, 0, 0];

function newPanel(strictness: Strictness = 'lint'): SimPanel {
  return new SimPanel({ ...SIZE, clock: new VirtualClock({ auto: true }), strictness });
}

test.each<[string, string, readonly Step[]]>([
  ['a command while BUSY is held', 'bytes-while-busy', [PON, [0x50, 0x31, 0x07]]],
  ['a command in deep sleep', 'bytes-while-off', [[0x07, 0xa5], PON]],
  ['a command that the chip does not have', 'unknown-command', [[0xab]]],
  [
    'too few parameters',
    'wrong-parameter-count',
    [
      [0x61, 0, 64],
      [0x50, 0x31],
    ],
  ],
  ['too many parameters', 'wrong-parameter-count', [[0x60, 0x22, 0x22]]],
  ['what an OTP holds', 'not-modelled', [[0xa2]]],
  ['an automatic sequence without its check code', 'wrong-check-code', [[0x17, 0x5a]]],
  [
    'an automatic sequence without its picture',
    'refresh-of-unknown-ram',
    [[0x00, 0x1f], [0x17, 0xa5], 'idle', [0x60, 0x22]],
  ],
  ['a second data line that is not there', 'wrong-bus-mode', [[0x15, 0x10]]],
  ['burning the memory of the chip', 'otp-programmed', [[0xa1]]],
  ['a waveform from registers that was never written', 'refresh-without-waveform', [...READY, [0x00, 0x3f], DRF]],
  [
    'a border that is driven at each partial refresh',
    'border-driven',
    [...SHOWN, ...PARTIAL, [0x50, 0x29], CHANGE, DRF],
  ],
  [
    'an old plane that the glass does not show',
    'stale-base',
    [...SHOWN, ...PARTIAL, [0x10, 0xff, 0, 0, 0, 0, 0, 0, 0], DRF],
  ],
  ['three inks', 'not-modelled', [...READY, [0x00, 0x0f], DRF]],
  ['a plane that is too short', 'plane-too-short', [OLD.slice(0, -1), NEW]],
  ['a plane that is too long', 'plane-too-long', [[...OLD, 0]]],
  ['a refresh without high voltage', 'refresh-without-power', [OLD, NEW, DRF]],
  ['a refresh after the high voltage went off', 'refresh-without-power', [...READY, POF, 'idle', DRF]],
  ['a refresh of planes that were never written', 'refresh-of-unknown-ram', [[0x00, 0x1f], PON, 'idle', DRF]],
  ['partial mode without a window', 'partial-without-window', [[0x91], OLD]],
  ['a window between bytes', 'window-not-aligned', [[0x90, 0, 4, 0, 23, 0, 2, 0, 5, 1]]],
  ['a window that ends between bytes', 'window-not-aligned', [[0x90, 0, 8, 0, 20, 0, 2, 0, 5, 1]]],
  ['a window beyond the glass', 'window-outside', [[0x90, 0, 8, 0, 71, 0, 2, 0, 5, 1]]],
  ['a window that is upside down', 'window-outside', [[0x90, 0, 8, 0, 23, 0, 5, 0, 2, 1]]],
  ['another resolution', 'wrong-resolution', [[0x61, 3, 32, 1, 224]]],
  ['deep sleep with the high voltage on', 'sleep-without-power-off', [PON, 'idle', [0x07, 0xa5]]],
  ['deep sleep without its check code', 'wrong-check-code', [[0x07, 0x5a]]],
])('%s is found: %s', async (_what, code, steps) => {
  const panel = newPanel();
  await run(panel, steps);
  expect(panel.lint.faults.map((fault) => fault.code)).toEqual([code]);
  await expect(run(newPanel('strict'), steps)).rejects.toMatchObject({ code: 'epd.rule-broken' });
  const real = newPanel('real');
  await run(real, steps);
  expect(real.lint.faults).toEqual([]);
});

test('data before any command is found', async () => {
  const panel = newPanel();
  await panel.gpio.set('dc', 1);
  await panel.spi.transfer(Uint8Array.of(1));
  expect(panel.lint.faults.map((fault) => fault.code)).toEqual(['data-without-command']);
});

test('a transfer beyond the bus is refused whatever the strictness, as the kernel does', async () => {
  const panel = newPanel('real');
  await expect(panel.spi.transfer(new Uint8Array(4_097))).rejects.toMatchObject({ code: 'epd.message-too-long' });
});

test('what is against advice is told and never thrown', async () => {
  const panel = newPanel('strict');
  await run(panel, [...READY, DRF, 'idle', DRF, 'idle', 'reset']);
  expect(panel.lint.advice.map((advice) => advice.code)).toEqual(['refresh-too-soon', 'reset-with-power']);
});

test('bytes to a chip that is not selected are not for it', async () => {
  const panel = newPanel();
  await run(panel, ['deselect', [0xab], OLD]);
  expect(panel.lint.faults).toEqual([]);
});

test('the polarity bit says what a set bit means when the glass is driven', async () => {
  const panel = newPanel();
  await run(panel, [...READY, DRF, 'idle']);
  expect(panel.glass.indexes().every((ink) => ink === 0)).toBe(true);
  await run(panel, [[0x50, 0x10, 0x07], DRF, 'idle']);
  expect(panel.glass.indexes().every((ink) => ink === 1)).toBe(true);
});

test('a partial refresh drives only where the planes differ, and only in its window', async () => {
  const panel = newPanel();
  await run(panel, [...READY, DRF, 'idle', ...PARTIAL]);
  const before = panel.glass.indexes();
  // The old plane says black everywhere; the new one turns one pixel of the window white.
  await run(panel, [[0x13, 0x80, 0, 0, 0, 0, 0, 0, 0], DRF, 'idle']);
  const changed = [...panel.glass.indexes()].flatMap((ink, at) => (ink === before[at] ? [] : [at]));
  expect(changed).toEqual([2 * 64 + 8]);
  expect(panel.refreshes.at(-1)).toMatchObject({ mode: 'partial', durationMs: 435 });
});

test('after a partial refresh NEW is OLD, so that the same picture again drives nothing', async () => {
  const panel = newPanel();
  await run(panel, [...READY, DRF, 'idle', ...PARTIAL, [0x13, 0xff, 0, 0, 0, 0, 0, 0, 0], DRF, 'idle']);
  const ghost = panel.glass.worstGhost;
  await run(panel, [[0x13, 0xff, 0, 0, 0, 0, 0, 0, 0], DRF, 'idle']);
  expect(panel.glass.worstGhost).toBe(ghost);
});

test('an old plane that nobody wrote is known once NEW was copied to it', async () => {
  const panel = newPanel();
  await run(panel, [[0x00, 0x1f], [0x50, 0x39, 0x07], PON, 'idle', NEW, DRF, 'idle', DRF, 'idle']);
  expect(panel.lint.faults.map((fault) => fault.code)).toEqual(['refresh-of-unknown-ram']);
});

test('partial refreshes leave ghosts that add up, and a full one clears them', async () => {
  const panel = newPanel();
  await run(panel, [...READY, DRF, 'idle', ...PARTIAL]);
  for (const byte of [0xff, 0x00, 0xff]) await run(panel, [[0x13, byte, 0, 0, 0, 0, 0, 0, 0], DRF, 'idle']);
  expect(panel.glass.worstGhost).toBeCloseTo(0.09, 5);
  expect(panel.glass.shownAt(8, 2)).toBeCloseTo(0.91, 5);
  await run(panel, ['reset', ...READY, DRF, 'idle']);
  expect(panel.glass.worstGhost).toBe(0);
  expect(panel.glass.shownAt(8, 2)).toBe(0);
});

test('RAM outlives a reset and not deep sleep', async () => {
  const panel = newPanel();
  await run(panel, [...READY, 'reset', [0x00, 0x1f], PON, 'idle', DRF, 'idle']);
  expect(panel.lint.faults).toEqual([]);
  await run(panel, [POF, 'idle', [0x07, 0xa5], 'reset', [0x00, 0x1f], PON, 'idle', DRF, 'idle']);
  expect(panel.lint.faults.map((fault) => fault.code)).toEqual(['refresh-of-unknown-ram']);
});

test('the time that BUSY was held is written down to the millisecond', async () => {
  const panel = newPanel();
  await run(panel, [...READY, DRF, 'idle', POF, 'idle']);
  expect(panel.busyHeldMs).toBe(129 - 1 + 4_200 - 1 + 40);
});

test('who listens hears of a refresh when it ends, without anybody looking at the panel', async () => {
  const clock = new VirtualClock();
  const ended: number[] = [];
  const panel = new SimPanel({ ...SIZE, clock, onRefresh: ({ atMs }) => ended.push(clock.now() - atMs) });
  await run(panel, [[0x00, 0x1f], PON]);
  await clock.advance(129);
  await run(panel, [OLD, NEW, DRF]);
  await clock.advance(4_199);
  expect(ended).toEqual([]);
  await clock.advance(1);
  expect(ended).toEqual([4_200]);
  await panel.stop();
});

test('the wires are written down as the vendor sequences are', async () => {
  const panel = newPanel();
  await run(panel, ['reset', [0x61, 0, 64, 0, 16], [0x10, ...PLANE, ...PLANE, 0x00]]);
  await panel.gpio.get('busy');
  await panel.gpio.get('busy');
  expect(panel.trace).toEqual([
    { rst: 0 },
    { rst: 1 },
    { c: '61', d: '00 40 00 10' },
    { c: '10', d: '00 00 00 00 ..', n: 257 },
    { busy: 'wait idle' },
  ]);
});

test('with three inks the second plane is red, which wins', async () => {
  const panel = new SimPanel({ panel: '7in5b_V2', ...SIZE, clock: new VirtualClock({ auto: true }) });
  const blackWhite: Step = [0x10, 0xf0, ...PLANE.slice(1)];
  const red: Step = [0x13, 0xcc, ...PLANE.slice(1)];
  await run(panel, [[0x00, 0x0f], [0x50, 0x11, 0x07], PON, 'idle', blackWhite, red, DRF, 'idle']);
  expect([...panel.glass.indexes().subarray(0, 8)]).toEqual([2, 2, 1, 1, 2, 2, 0, 0]);
  await run(panel, [[0x50, 0x13, 0x07], DRF, 'idle']);
  expect([...panel.glass.indexes().subarray(0, 8)]).toEqual([1, 1, 2, 2, 0, 0, 2, 2]);
  expect(panel.refreshes).toMatchObject([{ mode: 'full', durationMs: 26_300 }, {}]);
  expect(panel.lint.faults).toEqual([]);
});

test.each([
  [0x10, [0xcc, 0xf0], [0, 0, 1, 1, 2, 2, 3, 3]],
  [0x21, [0x33, 0x0f], [0, 0, 1, 1, 2, 2, 3, 3]],
])('four greys come from both planes, under CDI %d', async (cdi, [old = 0, next = 0], levels) => {
  const panel = newPanel();
  const greys: readonly Step[] = [
    [0xe0, 0x02],
    [0xe5, 0x5f],
    [0x50, cdi, 0x07],
  ];
  await run(panel, [
    [0x00, 0x1f],
    ...greys,
    PON,
    'idle',
    [0x10, old, ...PLANE.slice(1)],
    [0x13, next, ...PLANE.slice(1)],
  ]);
  await run(panel, [DRF, 'idle']);
  expect(panel.refreshes).toMatchObject([{ mode: 'grey' }]);
  expect([...panel.glass.indexes(4).subarray(0, 8)]).toEqual(levels);
});

test('high voltage that stays on for long after a refresh is told once', async () => {
  const panel = newPanel('strict');
  await run(panel, [...READY, DRF, 'idle', 'idle', [0x50, 0x31, 0x07], [0x50, 0x31, 0x07]]);
  expect(panel.lint.advice.map(({ code }) => code)).toEqual(['left-powered']);
  await run(panel, [POF, 'idle', 'idle', [0x50, 0x31, 0x07]]);
  expect(panel.lint.advice.map(({ code }) => code)).toEqual(['left-powered']);
});

// A second picture three minutes after the first was told of high voltage that had been off all the time.
test('high voltage that was off in between is not told', async () => {
  const panel = newPanel('strict');
  await run(panel, [...READY, DRF, 'idle', POF, 'idle', [0x50, 0x31, 0x07], 'idle', 'idle', PON, 'idle']);
  await run(panel, [[0x50, 0x31, 0x07]]);
  expect(panel.lint.advice).toEqual([]);
});

test('a refresh in the cold is told, and is slow', async () => {
  const panel = newPanel('strict');
  panel.setAmbient(-5);
  await run(panel, [...READY, DRF, 'idle']);
  expect(panel.lint.advice.map(({ code }) => code)).toEqual(['temperature-outside']);
  expect(panel.refreshes).toMatchObject([{ durationMs: 16_800 }]);
});

test('thirty partial refreshes in a row are well, one more is told', async () => {
  const panel = newPanel('strict');
  await run(panel, [...READY, DRF, 'idle', ...PARTIAL]);
  const refresh: readonly Step[] = [[0x13, 0x80, 0, 0, 0, 0, 0, 0, 0], DRF, 'idle'];
  for (let count = 0; count < 30; count += 1) await run(panel, refresh);
  const told = (): string[] => panel.lint.advice.map(({ code }) => code).filter((code) => code === 'ghost-budget');
  expect(told()).toEqual([]);
  await run(panel, refresh);
  expect(told()).toEqual(['ghost-budget']);
});

test('a bus that is faster than the chip is found out', () => {
  const clock = new VirtualClock();
  expect(new SimPanel({ clock, spiHz: 10_000_000 }).lint.faults).toEqual([]);
  expect(new SimPanel({ clock, spiHz: 20_000_000 }).lint.faults.map(({ code }) => code)).toEqual(['spi-too-fast']);
});

test('one command switches on, refreshes and switches off, with BUSY held all the while', async () => {
  const panel = newPanel('strict');
  await run(panel, [[0x00, 0x1f], [0x50, 0x21, 0x07], OLD, NEW, [0x17, 0xa5]]);
  await panel.clock.sleep(129 + 4_200 + 39);
  expect(await panel.gpio.get('busy')).toBe(0);
  await panel.clock.sleep(1);
  expect(await panel.gpio.get('busy')).toBe(1);
  expect(panel.busyHeldMs).toBe(129 - 1 + 4_200 + 40);
  expect(panel.refreshes).toMatchObject([{ mode: 'full', atMs: panel.clock.now() - 4_240, share: 1 }]);
  // It still listens, and the high voltage is off.
  await run(panel, [[0x07, 0xa5]]);
  expect(panel.lint.faults).toEqual([]);
});

test('the same command with another code sleeps afterwards', async () => {
  const panel = newPanel();
  await run(panel, [[0x00, 0x1f], OLD, NEW, [0x17, 0xa7], 'idle', PON]);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['bytes-while-off']);
});

test.each([60, 2_000, 4_350])('a supply that fails %d ms into the sequence ends it there', async (afterMs) => {
  const panel = newPanel();
  await run(panel, [[0x00, 0x1f], OLD, NEW, [0x17, 0xa7]]);
  panel.cutPower(afterMs);
  await panel.clock.sleep(60_000);
  expect(panel.refreshes.length).toBe(afterMs < 129 ? 0 : 1);
  expect((panel.refreshes[0]?.share ?? 0) === 1).toBe(afterMs > 4_329);
  panel.restorePower();
  await run(panel, ['reset', ...SHOWN]);
  expect(panel.lint.faults).toEqual([]);
  expect(panel.glass.indexes().every((ink) => ink === 0)).toBe(true);
});

test('a sequence that nobody looks at for a minute has taken as long as any other', async () => {
  const panel = newPanel();
  await run(panel, [[0x00, 0x1f], OLD, NEW, [0x17, 0xa5], 'idle']);
  expect(panel.busyHeldMs).toBe(129 - 1 + 4_200 + 40);
});

test('who listens hears of the refresh within a sequence when it ends, without anybody looking', async () => {
  const clock = new VirtualClock();
  const ended: number[] = [];
  const panel = new SimPanel({ ...SIZE, clock, onRefresh: () => ended.push(clock.monotonic()) });
  const began = clock.monotonic();
  await run(panel, [[0x00, 0x1f], OLD, NEW, [0x17, 0xa5]]);
  await clock.advance(129);
  await clock.advance(4_199);
  expect(ended).toEqual([]);
  await clock.advance(1);
  expect(ended).toEqual([began + 129 + 4_200]);
  await panel.stop();
});
