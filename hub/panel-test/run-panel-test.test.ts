import { expect, test } from 'vitest';
import { frameOf, HardwareError, panelSpec } from '../../hardware/index.js';
import { type PanelTestDeps, runPanelTest } from './run-panel-test.js';

const spec = panelSpec('7in5_V2');
const frame = frameOf(new Uint8Array(48_000), { width: 800, height: 480, inkCount: 2 });
const card = { greys: async () => undefined, withCount: async () => frame };

/** A panel that notes what becomes of it, and fails at one refresh. */
function panel({ failsAt = -1, canPartial = true }: { failsAt?: number; canPartial?: boolean }) {
  const life: string[] = [];
  const { partial, ...whole } = spec;
  const epd: PanelTestDeps['epd'] = {
    spec: canPartial && partial !== undefined ? spec : whole,
    show: async (_, mode) => {
      if (life.length === failsAt) throw new HardwareError('epd.busy-timeout', 'BUSY held');
      life.push(mode);
      return { mode, window: undefined, busyMs: 4_100.4, tookMs: 4_200.6 };
    },
    sleep: async () => {
      life.push('sleep');
      if (failsAt >= 0) throw new HardwareError('epd.no-answer', 'nobody there');
    },
  };
  return { epd, life };
}

test('a full refresh, then as many partial ones as were asked for, then sleep', async () => {
  const { epd, life } = panel({});
  const told: string[] = [];
  await runPanelTest({ epd, card, partials: 2, tell: (line) => told.push(line) });
  expect(life).toEqual(['full', 'partial', 'partial', 'sleep']);
  expect(told[0]).toBe('0: full refresh, 4201 ms, of which BUSY 4100 ms');
});

test('greys come first where the glass has them', async () => {
  const { epd, life } = panel({});
  const told: string[] = [];
  const withGreys = { ...card, greys: async () => frame };
  await runPanelTest({ epd, card: withGreys, partials: 1, tell: (line) => told.push(line) });
  expect(life).toEqual(['grey', 'full', 'partial', 'sleep']);
  expect(told[0]).toMatch(/^greys: grey refresh, 4201 ms/);
});

test('a panel without partial refresh shows the card once', async () => {
  const { epd, life } = panel({ canPartial: false });
  await runPanelTest({ epd, card, partials: 5, tell: () => undefined });
  expect(life).toEqual(['full', 'sleep']);
});

test('a panel that fails is put to sleep all the same, and its first failure is told', async () => {
  const { epd, life } = panel({ failsAt: 1 });
  const result = runPanelTest({ epd, card, partials: 5, tell: () => undefined });
  await expect(result).rejects.toMatchObject({ code: 'epd.busy-timeout' });
  expect(life).toEqual(['full', 'sleep']);
});
