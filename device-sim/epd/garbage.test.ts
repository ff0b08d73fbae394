import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../virtual-clock.js';
import { seededRandom } from './seeded-random.js';
import { SimPanel } from './sim-panel.js';
import { runSteps, type WireStep } from './wire-steps.js';

const PANELS = ['4in2_V2', '2in9_V2', '7in5_V2', '7in5b_V2', '7in3e', '13in3e'] as const;
/** What makes sense to one family or another, so that garbage also meets a panel at work. */
const SENSE: readonly (readonly WireStep[])[] = [
  [[0x12], 'idle', [0x21, 0x00, 0x80], [0x3c, 0x05]],
  [[0x22, 0xf7], [0x20]],
  [[0x22, 0xff], [0x20]],
  [[0x22, 0xc0], [0x20], 'idle', [0x22, 0x0c], [0x20]],
  [[0x32, ...new Array<number>(153).fill(0x11)], [0x22, 0xcf], [0x20]],
  [[0x00, 0x1f], [0x04], 'idle', [0x12]],
  [
    [0x00, 0x0f],
    [0x17, 0xa5],
  ],
  [
    [0x00, 0x1f],
    [0x17, 0xa7],
  ],
  [[0xe0, 0x02], [0xe5, 0x6e], [0x91], [0x90, 0, 8, 0, 15, 0, 1, 0, 6, 1], [0x04], 'idle', [0x12]],
  [[0x00, 0x3f], [0x22, 0x80, 9, 9, 9, 9, 3], [0x24, 0x40, 9, 9, 9, 9, 3], [0x04], 'idle', [0x12]],
  [[0xaa, 0x49, 0x55, 0x20, 0x08, 0x09, 0x18], [0x04], 'idle', [0x12, 0x00]],
  [[0xf0, 0x49, 0x55, 0x13, 0x5d, 0x05, 0x10], [0x04], 'idle', [0x12, 0x00]],
  ['reset', 'idle'],
  ['idle'],
];

const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      command: fc.nat(255),
      data: fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc
          .record({ length: fc.nat(300), byte: fc.nat(255) })
          .map(({ length, byte }) => new Uint8Array(length).fill(byte)),
        fc.constant(Uint8Array.of(0xa5)),
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ sense: fc.constantFrom(...SENSE) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.constantFrom(0.5, 5, 200, 60_000) }) },
  { weight: 1, arbitrary: fc.record({ read: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ line: fc.constantFrom('rst', 'dc', 'pwr', 'cs-m', 'cs-s'), level: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ cutAfterMs: fc.nat(3_000) }) },
);

test.each(PANELS)('%s: whatever comes over the wires, the panel neither fails nor stays busy', async (id) => {
  const lives = fc.asyncProperty(fc.array(happening, { maxLength: 40 }), fc.nat(99), async (happenings, seed) => {
    const clock = new VirtualClock({ auto: true });
    const panel = new SimPanel({ panel: id, width: 32, height: 8, clock, framing: 'dc', random: seededRandom(seed) });
    const { gpio, spi } = panel;
    for (const line of ['cs-m', 'cs-s'] as const) await gpio.set(line, 0);
    for (const step of happenings) {
      if ('sense' in step) await runSteps(panel, step.sense);
      else if ('waitMs' in step) await clock.sleep(step.waitMs);
      else if ('read' in step) expect((await panel.read(step.read)).length).toBe(step.read);
      else if ('cutAfterMs' in step) panel.cutPower(step.cutAfterMs);
      else if ('line' in step) await gpio.set(step.line, step.level === 0 ? 0 : 1);
      else {
        await gpio.set('dc', 0);
        await spi.transfer(Uint8Array.of(step.command));
        await gpio.set('dc', 1);
        await spi.transfer(step.data);
      }
    }
    const { glass, border } = panel;
    expect(glass.frame().data.length).toBeGreaterThan(0);
    expect([...glass.indexes(2), border.shown].every((shown) => Number.isFinite(shown))).toBe(true);
    for (let at = 0; at < 32; at += 1) {
      const shown = glass.shownAt(at, at % 8);
      expect(shown >= 0 && shown < panel.model.inks.length).toBe(true);
    }
    panel.restorePower();
    await gpio.set('pwr', 1);
    await gpio.set('rst', 1);
    await gpio.set('rst', 0);
    await gpio.set('rst', 1);
    await clock.sleep(1_000);
    expect(await gpio.get('busy')).not.toBe(panel.model.busyLevel);
    expect(panel.refreshes.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
  });
  await fc.assert(lives, { numRuns: 300 });
});
