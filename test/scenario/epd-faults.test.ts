import { expect, test } from 'vitest';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import { Epd, type PanelSpec } from '../../hardware/index.js';
import { FAMILIES, smallSpec } from '../support/epd-life.js';
import { noise } from '../support/noise.js';
import { sleepingClock } from '../support/sleeping-clock.js';

const PANELS = Object.values(FAMILIES).flat();

/** The glass that is expected at the end of every fault, once it is over. */
interface Bench {
  readonly panel: SimPanel;
  readonly epd: Epd;
  readonly spec: PanelSpec;
  readonly elapsedMs: () => number;
}

function newBench(id: string): Bench {
  const clock = sleepingClock();
  const spec = smallSpec(id);
  const { width, height } = spec;
  const panel = new SimPanel({ panel: id, width, height, clock, maxTransferBytes: 64 });
  return { panel, spec, epd: new Epd({ spec, port: panel, clock }), elapsedMs: () => clock.monotonic() };
}

function show({ epd, spec }: Bench, seed: number): Promise<unknown> {
  return epd.show(noise(seed, { ...spec, inks: spec.inks.length }), 'full');
}

async function worksAgain(bench: Bench): Promise<void> {
  const { panel, epd, spec } = bench;
  await show(bench, 99);
  await epd.sleep();
  expect(panel.glass.frame().sha256).toBe(noise(99, { ...spec, inks: spec.inks.length }).sha256);
}

/** Four times what the longest step takes, and what comes before it. */
function limitMs({ full, powerOnMs }: PanelSpec): number {
  return 2_000 + 4 * (full.refreshMs + powerOnMs) + 2_000;
}

test.each(PANELS)('%s: BUSY that never releases is an error within its limit', async (id) => {
  const bench = newBench(id);
  bench.panel.holdBusy(bench.spec.busyLevel);
  await expect(show(bench, 1)).rejects.toMatchObject({
    code: expect.stringMatching(/^epd\.(busy-timeout|chip-restarted)$/),
  });
  expect(bench.elapsedMs()).toBeLessThan(limitMs(bench.spec));
  bench.panel.holdBusy(undefined);
  await worksAgain(bench);
});

test.each(PANELS)('%s: BUSY that is stuck in the middle of a refresh is an error within its limit', async (id) => {
  const bench = newBench(id);
  const { get } = bench.panel.gpio;
  const shown = show(bench, 1);
  bench.panel.gpio.get = sticking(bench.panel, bench.spec.full.refreshMs / 2);
  await expect(shown).rejects.toMatchObject({ code: 'epd.busy-timeout' });
  expect(bench.elapsedMs()).toBeLessThan(limitMs(bench.spec));
  bench.panel.gpio.get = get;
  bench.panel.holdBusy(undefined);
  await worksAgain(bench);
});

test.each(PANELS)('%s: BUSY that is never held is no proof of a refresh', async (id) => {
  const bench = newBench(id);
  bench.panel.holdBusy(bench.spec.busyLevel === 0 ? 1 : 0);
  await expect(show(bench, 1)).rejects.toMatchObject({ code: 'epd.no-answer' });
  expect(bench.epd.glass).toBeUndefined();
  expect(bench.elapsedMs()).toBeLessThan(limitMs(bench.spec));
  bench.panel.holdBusy(undefined);
  await worksAgain(bench);
});

test.each(PANELS)(
  '%s: a supply that fails in the middle of a refresh is an error, and the glass is unknown',
  async (id) => {
    for (const share of [0.1, 0.5, 0.9]) {
      const bench = newBench(id);
      await show(bench, 1);
      bench.panel.cutPower(bench.spec.full.refreshMs * share + 100);
      await expect(show(bench, 2)).rejects.toMatchObject({
        code: expect.stringMatching(/^epd\.(busy-timeout|no-answer)$/),
      });
      expect(bench.epd.glass).toBeUndefined();
      expect(bench.panel.refreshes.at(-1)?.share).toBeLessThan(1);
      bench.panel.restorePower();
      await worksAgain(bench);
    }
  },
);

test.each(PANELS)('%s: a chip that begins anew in the middle of a frame is found out', async (id) => {
  for (const afterBytes of [40, 120]) {
    const bench = newBench(id);
    await show(bench, 1);
    const { full } = bench.spec;
    const initBytes = full.init.reduce((sum, step) => sum + step.length, 0);
    await bench.epd.sleep();
    bench.panel.faults.resetChips(initBytes + afterBytes);
    await expect(show(bench, 2)).rejects.toMatchObject({
      code: expect.stringMatching(/^epd\.(chip-restarted|no-answer)$/),
    });
    await worksAgain(bench);
  }
});

test.each(PANELS)('%s: a bit that flips on the way hangs nothing, and the next frame is right', async (id) => {
  for (let afterBytes = 0; afterBytes < 120; afterBytes += 7) {
    const bench = newBench(id);
    bench.panel.faults.flipBit(afterBytes);
    const failure = await show(bench, 1).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure !== undefined) expect(failure).toMatchObject({ code: expect.stringMatching(/^epd\./) });
    expect(bench.elapsedMs()).toBeLessThan(limitMs(bench.spec) * 2);
    await bench.epd.sleep();
    await worksAgain(bench);
  }
});

test.each(PANELS)('%s: cold glass is slow and still shows the frame; glass in the frost is an error', async (id) => {
  const bench = newBench(id);
  bench.panel.setAmbient(0);
  await worksAgain(bench);
  bench.panel.setAmbient(-15);
  await expect(show(bench, 1)).rejects.toMatchObject({ code: 'epd.busy-timeout' });
  expect(bench.elapsedMs()).toBeLessThan(2 * limitMs(bench.spec));
  bench.panel.setAmbient(22);
  await worksAgain(bench);
});

/** Lets BUSY stick where it is once the glass has been driven for so long. */
function sticking(panel: SimPanel, afterMs: number): SimPanel['gpio']['get'] {
  const { get } = panel.gpio;
  let sinceMs: number | undefined;
  return async (line) => {
    const level = await get(line);
    if (line !== 'busy') return level;
    if (level !== panel.model.busyLevel) sinceMs = undefined;
    else {
      sinceMs ??= panel.clock.monotonic();
      if (panel.clock.monotonic() - sinceMs > afterMs) panel.holdBusy(level);
    }
    return level;
  };
}
