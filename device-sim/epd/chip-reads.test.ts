import { expect, test } from 'vitest';
import { VirtualClock } from '../virtual-clock.js';
import type { Strictness } from './lint.js';
import { SimPanel } from './sim-panel.js';
import { runSteps, type WireStep } from './wire-steps.js';

const PLANE = Array.from({ length: 32 }, (_, at) => at);
/** Columns 0 to 3 in bytes, rows 0 to 7. */
const WINDOW: readonly WireStep[] = [
  [0x44, 0, 3],
  [0x45, 0, 0, 7, 0],
  [0x4e, 0],
  [0x4f, 0, 0],
];
const UC_READY: readonly WireStep[] = [[0x00, 0x1f], [0x04], 'idle'];
const UC_PLANES: readonly WireStep[] = [
  [0x10, ...PLANE],
  [0x13, ...PLANE],
];

function newPanel(panel: string, options: { strictness?: Strictness; spiHz?: number } = {}): SimPanel {
  return new SimPanel({ panel, width: 32, height: 8, clock: new VirtualClock({ auto: true }), ...options });
}

test.each<[string, string, readonly WireStep[], readonly number[]]>([
  ['the status of an SSD1683', '4in2_V2', [[0x2f]], [0x01]],
  ['its status while a reset goes on', '4in2_V2', ['reset', [0x2f]], [0x05]],
  ['its temperature, once it was measured', '4in2_V2', [[0x22, 0xb1], [0x20], 'idle', [0x1b]], [22, 0]],
  ['its temperature as written', '4in2_V2', [[0x1a, 0x6e, 0x00], [0x1b]], [0x6e, 0]],
  ['its user id', '4in2_V2', [[0x38, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0x2e]], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ['its options', '4in2_V2', [[0x2c, 0x36], [0x2d]], [0, 0x36, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['its RAM', '4in2_V2', [...WINDOW, [0x24, ...PLANE], [0x27]], [0, ...PLANE]],
  ['its other RAM', '4in2_V2', [...WINDOW, [0x26, ...PLANE], [0x41, 0x01], [0x27]], [0, ...PLANE]],
  ['its RAM in a window', '4in2_V2', [...WINDOW, [0x24, ...PLANE], [0x44, 1, 2], [0x4e, 1], [0x27]], [0, 1, 2, 5, 6]],
  ['the status of an idle UC8179', '7in5_V2', [[0x71]], [0x13]],
  ['its status with the high voltage on', '7in5_V2', [...UC_READY, [0x71]], [0x15]],
  ['its status with a whole picture', '7in5_V2', [...UC_PLANES, [0x71]], [0x1b]],
  ['its status in partial mode', '7in5_V2', [[0x91], [0x71]], [0x53]],
  ['whether it has a whole picture', '7in5_V2', [...UC_PLANES, [0x11]], [0x80]],
  ['whether it has one, with half of it', '7in5_V2', [[0x10, ...PLANE], [0x11]], [0x00]],
  ['its revision', '7in5_V2', [[0x70]], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0c]],
  ['its temperature', '7in5_V2', [[0x40], 'idle'], [22, 0]],
  ['its temperature with an offset', '7in5_V2', [[0x41, 0x0e], [0x40], 'idle'], [20, 0]],
  ['the temperature that it is told', '7in5_V2', [[0xe0, 0x02], [0xe5, 0x5a], [0x40], 'idle'], [0x5a, 0]],
  ['its supply', '7in5_V2', [[0x51]], [0x01]],
])('%s can be read', async (_what, id, steps, answer) => {
  const panel = newPanel(id, { strictness: 'strict' });
  await runSteps(panel, steps);
  expect([...(await panel.read(answer.length))]).toEqual(answer);
});

test('the status of a UC8179 says that it is busy, and is answered while it is', async () => {
  const panel = newPanel('7in5_V2', { strictness: 'strict' });
  await runSteps(panel, [...UC_READY, ...UC_PLANES, [0x50, 0x21, 0x07], [0x12]]);
  // BUSY is late by as much, on its line and here.
  await panel.clock.sleep(1);
  await runSteps(panel, [[0x71]]);
  expect([...(await panel.read(1))]).toEqual([0x1c]);
  await panel.clock.sleep(5_000);
  await runSteps(panel, [[0x71]]);
  expect([...(await panel.read(1))]).toEqual([0x15]);
});

test('an answer goes on where the last read ended', async () => {
  const panel = newPanel('4in2_V2', { strictness: 'strict' });
  await runSteps(panel, [...WINDOW, [0x24, ...PLANE], [0x27]]);
  expect([...(await panel.read(3)), ...(await panel.read(2))]).toEqual([0, 0, 1, 2, 3]);
});

test.each<[string, string, string, readonly WireStep[]]>([
  ['a command that only takes', 'read-of-write-only', '4in2_V2', [[0x3c, 0x05]]],
  ['a plane that is open', 'read-of-write-only', '7in5_V2', [[0x10, ...PLANE]]],
  ['colour glass, which has no answers', 'read-of-write-only', '7in3e', [[0x50, 0x3f]]],
  ['more than the answer has', 'read-too-long', '4in2_V2', [[0x2e]]],
  ['a chip that is not selected', 'read-without-select', '4in2_V2', [[0x2f], 'deselect']],
  ['a chip that is at work', 'bytes-while-busy', '7in5_V2', [[0x40]]],
])('a read of %s is found: %s', async (_what, code, id, steps) => {
  const panel = newPanel(id);
  await runSteps(panel, steps);
  expect((await panel.read(11)).at(-1)).toBe(0xff);
  expect(panel.lint.faults.map((fault) => fault.code)).toEqual([code]);
});

test('a read before any command is found', async () => {
  const panel = newPanel('4in2_V2');
  await panel.gpio.set('dc', 1);
  expect([...(await panel.read(1))]).toEqual([0xff]);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['read-of-write-only']);
});

test('a read with D/C low is found: the chip takes it for commands', async () => {
  const panel = newPanel('4in2_V2');
  await runSteps(panel, [[0x2f]]);
  await panel.gpio.set('dc', 0);
  await panel.read(1);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['read-as-command']);
});

test('a read in reset is found', async () => {
  const panel = newPanel('4in2_V2');
  await runSteps(panel, [[0x2f]]);
  await panel.gpio.set('rst', 0);
  expect([...(await panel.read(1))]).toEqual([0xff]);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['bytes-while-off']);
});

test('a read of a sleeping chip is found', async () => {
  const panel = newPanel('4in2_V2');
  await runSteps(panel, [[0x10, 0x01]]);
  expect([...(await panel.read(1))]).toEqual([0xff]);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['bytes-while-off']);
});

test('a read of both chips of a pair is found, which would drive one wire against the other', async () => {
  const panel = newPanel('13in3e');
  await panel.gpio.set('cs-m', 0);
  await panel.gpio.set('cs-s', 0);
  await panel.read(1);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['read-of-two-chips']);
});

test('an SSD168x is read more slowly than it is written', async () => {
  const panel = newPanel('4in2_V2', { spiHz: 4_000_000 });
  await runSteps(panel, [[0x2f]]);
  expect(panel.lint.faults).toEqual([]);
  await panel.read(1);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['spi-too-fast']);
});
