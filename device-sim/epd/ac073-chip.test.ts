import { expect, test } from 'vitest';
import { VirtualClock } from '../virtual-clock.js';
import type { Strictness } from './lint.js';
import { SimPanel } from './sim-panel.js';
import { runSteps, type WireStep } from './wire-steps.js';

const SIZE = { width: 8, height: 4 };
const UNLOCK: WireStep = [0xaa, 0x49, 0x55, 0x20, 0x08, 0x09, 0x18];
/** Black, white, yellow, red, blue, green, white, white; four rows. */
const ROW = [0x01, 0x23, 0x56, 0x11];
const PLANE = [...ROW, ...ROW, ...ROW, ...ROW];
const DTM: WireStep = [0x10, ...PLANE];
const PON: readonly WireStep[] = [[0x04], 'idle'];
const DRF: readonly WireStep[] = [[0x12, 0x00], 'idle'];
const POF: readonly WireStep[] = [[0x02, 0x00], 'idle'];

function newPanel(strictness: Strictness = 'lint', panel = '7in3e'): SimPanel {
  return new SimPanel({ panel, ...SIZE, clock: new VirtualClock({ auto: true }), strictness });
}

test.each<[string, string, readonly WireStep[]]>([
  ['a command while BUSY is held', 'bytes-while-busy', [[0x04], [0x50, 0x3f]]],
  [
    'a command in deep sleep',
    'bytes-while-off',
    [
      [0x07, 0xa5],
      [0x50, 0x3f],
    ],
  ],
  ['a command that the chip does not have', 'unknown-command', [[0x74]]],
  [
    'too little data',
    'wrong-parameter-count',
    [
      [0x61, 0, 8],
      [0x50, 0x3f],
    ],
  ],
  ['a plane that is too short', 'plane-too-short', [DTM.slice(0, -1), [0x50, 0x3f]]],
  ['a plane that is too long', 'plane-too-long', [[...DTM, 0x11]]],
  ['a refresh without power', 'refresh-without-power', [UNLOCK, DTM, ...DRF]],
  ['a refresh with the registers locked', 'refresh-while-locked', [[0xaa, 1, 2, 3, 4, 5, 6], DTM, ...PON, ...DRF]],
  ['a refresh of what was never written', 'refresh-of-unknown-ram', [UNLOCK, ...PON, ...DRF]],
  ['a value that is no ink', 'unknown-ink', [UNLOCK, [0x10, 0x41, ...PLANE.slice(1)], ...PON, ...DRF]],
  ['another resolution', 'wrong-resolution', [[0x61, 3, 32, 1, 224]]],
  ['deep sleep with the high voltage on', 'sleep-without-power-off', [...PON, [0x07, 0xa5]]],
  ['deep sleep without its check code', 'wrong-check-code', [[0x07, 0x5a]]],
  ['a window between bytes', 'window-not-aligned', [[0x83, 0, 1, 0, 4, 0, 0, 0, 4, 1]]],
  ['a window beyond the glass', 'window-outside', [[0x83, 0, 0, 0, 9, 0, 0, 0, 4, 1]]],
])('%s is found: %s', async (_what, code, steps) => {
  const panel = newPanel();
  await runSteps(panel, steps);
  // RAM that nobody wrote also holds values that are no inks.
  const found = panel.lint.faults.filter((fault) => code === 'unknown-ink' || fault.code !== 'unknown-ink');
  expect(found.map((fault) => fault.code)).toEqual([code]);
  await expect(runSteps(newPanel('strict'), steps)).rejects.toMatchObject({ code: 'epd.rule-broken' });
});

test('the values of the pixels become inks, and the refresh takes as long as it does', async () => {
  const panel = newPanel();
  await runSteps(panel, [UNLOCK, DTM, ...PON, ...DRF, ...POF]);
  expect([...panel.glass.indexes().subarray(0, 8)]).toEqual([0, 1, 2, 3, 4, 5, 1, 1]);
  expect(panel.refreshes).toMatchObject([{ mode: 'full', durationMs: 12_500, share: 1 }]);
  expect(panel.lint.faults).toEqual([]);
});

test('a window of RAM can be written, and the whole glass still flashes', async () => {
  const panel = newPanel();
  const window: WireStep = [0x83, 0, 2, 0, 3, 0, 1, 0, 2, 1];
  await runSteps(panel, [UNLOCK, DTM, window, [0x10, 0x66], ...PON, ...DRF]);
  expect([...panel.glass.indexes().subarray(8, 13)]).toEqual([0, 1, 5, 5, 4]);
  expect(panel.refreshes).toMatchObject([{ window: { x: 0, y: 0, ...SIZE } }]);
});

/** The pair: a command to the chips whose select falls, its data in pieces of a few bytes. */
async function sendFramed(
  panel: SimPanel,
  lines: readonly ('cs-m' | 'cs-s')[],
  bytes: readonly number[],
): Promise<void> {
  for (const line of lines) await panel.gpio.set(line, 0);
  for (let at = 0; at < bytes.length; at += 3) await panel.spi.transfer(Uint8Array.from(bytes.slice(at, at + 3)));
  for (const line of lines) await panel.gpio.set(line, 1);
}

test('the first byte after chip select falls is the command, in pieces of any size', async () => {
  const panel = new SimPanel({ panel: '13in3e', width: 8, height: 4, clock: new VirtualClock({ auto: true }) });
  const half = [0x12, 0x34, 0x56, 0x78];
  await sendFramed(panel, ['cs-m', 'cs-s'], [0xf0, 0x49, 0x55, 0x13, 0x5d, 0x05, 0x10]);
  await sendFramed(panel, ['cs-m'], [0x10, ...half, ...half]);
  await sendFramed(panel, ['cs-m'], [0x74, 0xc0, 0x1c, 0x1c, 0xcc, 0xcc, 0xcc, 0x15, 0x15, 0x55]);
  expect(panel.lint.faults).toEqual([]);
  expect(panel.register('CMD66', 1)).toEqual(panel.register('CMD66', 0));
  expect(panel.register('AN_TM', 1)).toEqual([]);
  expect(panel.trace.map((step) => ('cs' in step ? step.cs : ''))).toEqual(['MS', 'M', 'M']);
});

test('chip select that rises within a plane is found out', async () => {
  const panel = new SimPanel({ panel: '13in3e', width: 8, height: 4, clock: new VirtualClock({ auto: true }) });
  await sendFramed(panel, ['cs-m'], [0x10, 0x11, 0x11]);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['cs-raised-in-data', 'plane-too-short']);
});

test('a board that has D/C is told commands by it, whatever chip select does', async () => {
  const clock = new VirtualClock({ auto: true });
  const panel = new SimPanel({ panel: '13in3e', width: 8, height: 4, clock, framing: 'dc' });
  await panel.gpio.set('cs-m', 0);
  await runSteps(panel, [[0xf0, 0x49, 0x55, 0x13, 0x5d, 0x05, 0x10]]);
  expect(panel.register('CMD66')).toEqual([0x49, 0x55, 0x13, 0x5d, 0x05, 0x10]);
});

// It was told of once for each message, each time with another length.
test('a picture sent to a command that takes two bytes is one fault', async () => {
  const panel = newPanel();
  await panel.gpio.set('dc', 0);
  await panel.spi.transfer(Uint8Array.of(0x13));
  await panel.gpio.set('dc', 1);
  for (let message = 0; message < 3; message += 1) await panel.spi.transfer(new Uint8Array(4_096));
  expect(panel.lint.found.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([
    'wrong-parameter-count: IPC got 4096 bytes, takes 2',
  ]);
});
