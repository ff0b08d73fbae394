import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Epd, frameOf, type PanelSpec, panelSpec } from '../../hardware/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { noiseFrame } from './noise-frame.js';
import { SimPanel } from './sim-panel.js';
import type { TraceStep } from './trace.js';

const spec = panelSpec('7in5_V2');
const WHITE = frameOf(new Uint8Array(48_000).fill(0xff), { width: 800, height: 480, inkCount: 2 });

/** The same panel with less glass, for tests that refresh often. */
const SMALL = { width: 64, height: 24 };
const smallSpec: PanelSpec = {
  ...spec,
  ...SMALL,
  full: { ...spec.full, init: spec.full.init.map((step) => (step[0] === 0x61 ? [0x61, 0, 64, 0, 24] : step)) },
};

const panelTest = test.extend<{ clock: VirtualClock; panel: SimPanel; epd: Epd }>({
  clock: async ({ task: _ }, use) => use(new VirtualClock({ auto: true })),
  panel: async ({ clock }, use) => use(new SimPanel({ width: 800, height: 480, clock, strictness: 'strict' })),
  epd: async ({ panel, clock }, use) => use(new Epd({ spec, port: panel, clock })),
});

function commands(trace: readonly TraceStep[]): string[] {
  return trace.flatMap((step) => ('c' in step ? [`${step.c} ${step.n ?? step.d}`.trim()] : []));
}

panelTest('a full refresh brings the frame onto unknown glass', async ({ panel, epd }) => {
  const frame = noiseFrame(7);
  await epd.show(frame, 'full');
  expect(panel.glass.frame().sha256).toBe(frame.sha256);
  expect(panel.refreshes).toMatchObject([{ mode: 'full', durationMs: 4_200, share: 1 }]);
});

panelTest('full, fast, partial, sleep: the glass shows each frame and no rule is broken', async ({ panel, epd }) => {
  const modes = ['full', 'partial', 'partial', 'fast', 'partial', 'full', 'fast'] as const;
  for (const [seed, mode] of modes.entries()) {
    const frame = noiseFrame(seed);
    await epd.show(frame, mode);
    expect(panel.glass.frame().sha256).toBe(frame.sha256);
    if (seed % 2 === 1) await epd.sleep();
  }
  expect(panel.refreshes.map(({ mode }) => mode)).toEqual(modes);
  expect(panel.lint.faults).toEqual([]);
  expect(panel.lint.advice.map(({ code }) => code)).not.toContain('reset-with-power');
});

panelTest('a partial refresh sends exactly its window, and the old plane again after sleep', async ({ panel, epd }) => {
  await epd.show(WHITE, 'full');
  await epd.sleep();
  const before = panel.trace.length;
  // Pixels 20 to 43 of rows 10 and 12: bytes 2 to 5.
  const data = WHITE.data.with(10 * 100 + 2, 0xf0).with(12 * 100 + 5, 0x0f);
  const frame = frameOf(data, { width: 800, height: 480, inkCount: 2 });
  const shown = await epd.show(frame, 'partial');
  expect(shown.window).toEqual({ x: 16, y: 10, width: 32, height: 3 });
  expect(commands(panel.trace.slice(before))).toEqual([
    '00 1F',
    '04',
    'E0 02',
    'E5 6E',
    '50 A9 07',
    '91',
    '90 00 10 00 2F 00 0A 00 0C 01',
    '10 FF FF FF FF FF FF FF FF FF FF FF FF',
    '13 F0 FF FF FF FF FF FF FF FF FF FF 0F',
    '12',
    '92',
  ]);
  expect(panel.glass.frame().sha256).toBe(frame.sha256);
});

panelTest('sleep lets the border float, switches off and only then sleeps; twice is once', async ({ panel, epd }) => {
  await epd.show(WHITE, 'full');
  const before = panel.trace.length;
  await epd.sleep();
  await epd.sleep();
  expect(commands(panel.trace.slice(before))).toEqual(['50 F7', '02', '07 A5']);
});

panelTest('a frame that is already there costs the panel nothing', async ({ panel, epd }) => {
  await epd.show(WHITE, 'full');
  const before = panel.trace.length;
  expect(await epd.show(WHITE, 'partial')).toMatchObject({ window: undefined, busyMs: 0 });
  expect(panel.trace.length).toBe(before);
});

panelTest(
  'a new process brings a frame onto glass that the last one was refreshing when it died',
  async ({ clock, panel, epd }) => {
    const dying = new AbortController();
    const shown = epd.show(noiseFrame(1), 'full', { signal: dying.signal });
    const death = expect(shown).rejects.toThrow('killed');
    await clock.sleep(2_000);
    dying.abort(new RangeError('killed'));
    await death;

    const frame = noiseFrame(2);
    await new Epd({ spec, port: panel, clock }).show(frame, 'full');
    expect(panel.glass.frame().sha256).toBe(frame.sha256);
    expect(panel.refreshes[0]?.share).toBeLessThan(1);
  },
);

panelTest('a BUSY line that never releases is an error, not a hang', async ({ panel, epd }) => {
  panel.holdBusy(0);
  await expect(epd.show(WHITE, 'full')).rejects.toMatchObject({ code: 'epd.busy-timeout' });
  panel.holdBusy(undefined);
  await epd.show(WHITE, 'full');
  expect(panel.glass.frame().sha256).toBe(WHITE.sha256);
});

panelTest('a BUSY line that is never held is no proof of a refresh', async ({ panel, epd }) => {
  panel.holdBusy(1);
  await expect(epd.show(WHITE, 'full')).rejects.toMatchObject({ code: 'epd.no-answer' });
  expect(epd.glass).toBeUndefined();
});

test('power that fails in the middle of a refresh leaves a wrong glass, which the next full refresh puts right', async () => {
  const clock = new VirtualClock({ auto: true });
  const panel = new SimPanel({ width: 800, height: 480, clock });
  const epd = new Epd({ spec, port: panel, clock });
  await epd.show(noiseFrame(1), 'full');
  panel.cutPower(2_000);
  const frame = noiseFrame(2);
  await expect(epd.show(frame, 'full')).rejects.toMatchObject({ code: 'epd.busy-timeout' });
  expect(epd.glass).toBeUndefined();
  expect(panel.glass.frame().sha256).not.toBe(frame.sha256);
  await expect(epd.show(frame, 'partial')).rejects.toMatchObject({ code: 'epd.previous-unknown' });

  panel.restorePower();
  await epd.show(frame, 'full');
  expect(panel.glass.frame().sha256).toBe(frame.sha256);
});

panelTest("little time is lost besides the panel's own", async ({ panel, epd }) => {
  await epd.show(WHITE, 'full');
  await epd.sleep();
  const heldMs = panel.busyHeldMs;
  const shown = await epd.show(noiseFrame(3), 'partial');
  expect(panel.busyHeldMs - heldMs).toBeCloseTo(129 + 435 - 2, 5);
  expect(shown.tookMs - (panel.busyHeldMs - heldMs)).toBeLessThan(40);
});

test.each([1, 10, 90])('BUSY that falls %d ms late is waited for', async (busyAssertMs) => {
  const clock = new VirtualClock({ auto: true });
  const panel = new SimPanel({ width: 800, height: 480, clock, strictness: 'strict', busyAssertMs });
  await new Epd({ spec, port: panel, clock }).show(WHITE, 'full');
  expect(panel.glass.frame().sha256).toBe(WHITE.sha256);
});

test('old glass without fast waveforms is flashed, and still shows the frame', async () => {
  const clock = new VirtualClock({ auto: true });
  const panel = new SimPanel({ width: 800, height: 480, clock, strictness: 'strict', otpFast: false });
  const epd = new Epd({ spec, port: panel, clock });
  await epd.show(noiseFrame(1), 'full');
  await epd.show(noiseFrame(2), 'fast');
  expect(panel.refreshes.map(({ mode }) => mode)).toEqual(['full', 'full']);
  expect(panel.glass.frame().sha256).toBe(noiseFrame(2).sha256);
});

test('whatever frames and modes come, asleep or awake, the glass ends up with the last', async () => {
  const step = fc.record({
    seed: fc.nat(1_000),
    mode: fc.constantFrom('full', 'fast', 'partial'),
    changedBytes: fc.nat(192),
    sleeps: fc.boolean(),
    restarts: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(5, 64, 4_096),
      async (steps, max) => {
        const clock = new VirtualClock({ auto: true });
        const panel = new SimPanel({ ...SMALL, clock, strictness: 'strict', maxTransferBytes: max });
        let epd = new Epd({ spec: smallSpec, port: panel, clock });
        let last = noiseFrame(0, SMALL);
        await epd.show(last, 'full');
        for (const { seed, mode, changedBytes, sleeps, restarts } of steps) {
          const data = Uint8Array.from(last.data);
          const change = noiseFrame(seed, SMALL).data.subarray(0, changedBytes);
          data.set(change, seed % (data.length - change.length + 1));
          const next = frameOf(data, { ...SMALL, inkCount: 2 });
          await epd.show(next, mode, { previous: last });
          last = next;
          if (sleeps) await epd.sleep();
          if (restarts) epd = new Epd({ spec: smallSpec, port: panel, clock });
        }
        expect(panel.glass.frame().sha256).toBe(last.sha256);
        expect(panel.lint.faults).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
