import { expect, test } from 'vitest';
import { replayTrace } from '../../device-sim/epd/replay.js';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import { VirtualClock } from '../../device-sim/virtual-clock.js';
import { VENDOR_FLOWS, vendorTrace } from '../support/vendor-traces.js';

/** What is known to be wrong in the vendor's drivers, as broken rules in their order. */
const MISTAKES: Record<string, readonly string[]> = {
  // 80, the data of 18, is sent as a command.
  '2in13_V4 fast': ['wrong-parameter-count: TEMPERATURE_SENSOR', 'unknown-command: command 80'],
  // A whole frame is sent into a window of 256 bytes.
  '7in5_V2 partial': ['plane-too-long: DTM2'],
};

/** What a demo leaves between two calls of its driver. */
const BETWEEN_MS = 2_000;

test('there are 29 flows', () => {
  expect(VENDOR_FLOWS.length).toBe(29);
});

test.each(VENDOR_FLOWS)('the vendor driver of $panel, $mode: $ops', async ({ panel: id, mode, ops }) => {
  const clock = new VirtualClock({ auto: true });
  const panel = new SimPanel({ panel: id, clock });
  for (const op of [...ops, 'sleep']) {
    await replayTrace(panel, vendorTrace(id, op));
    await clock.sleep(BETWEEN_MS);
  }
  const found = panel.lint.faults.map(({ code, detail }) => `${code}: ${detail.split(' got')[0]}`);
  expect(found).toEqual(MISTAKES[`${id} ${mode}`] ?? []);
  expect(panel.refreshes.at(-1)).toMatchObject({ mode, share: 1 });
  // Every recorded picture is white, but for the window of the 7.5" B, which is black.
  const inks = panel.glass.indexes(2);
  expect(inks.filter((ink) => ink !== 1).length).toBe(id === '7in5b_V2' && mode === 'partial' ? 64 * 32 : 0);
});

test('the second fast mode of the 4.2" is a fast one too', async () => {
  const panel = new SimPanel({ panel: '4in2_V2', clock: new VirtualClock({ auto: true }) });
  for (const op of ['init_fast:1', 'display_Fast', 'sleep']) await replayTrace(panel, vendorTrace('4in2_V2', op));
  expect(panel.lint.faults).toEqual([]);
  expect(panel.refreshes).toMatchObject([{ mode: 'fast' }]);
});
