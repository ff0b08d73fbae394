import { expect, test } from 'vitest';
import { Epd, panelSpec, type RefreshMode } from '../../hardware/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { noiseFrame } from './noise-frame.js';
import { SimPanel } from './sim-panel.js';
import { VENDOR_7IN5_V2, type VendorStep } from './vendor-flows.js';

const SIZE = { width: 800, height: 480 };
const { init, initFast, initPartial, initFourGrey, display, displayPartial, displayFourGrey, sleep } = VENDOR_7IN5_V2;

function newPanel(): SimPanel {
  return new SimPanel({ ...SIZE, clock: new VirtualClock({ auto: true }) });
}

async function replay(panel: SimPanel, ...flows: (readonly VendorStep[])[]): Promise<void> {
  const { spi, gpio, clock } = panel;
  for (const step of flows.flat()) {
    if ('rst' in step) await gpio.set('rst', step.rst);
    else if ('pwr' in step) await gpio.set('pwr', step.pwr);
    else if ('waitMs' in step) await clock.sleep(step.waitMs);
    else if ('untilIdle' in step) while ((await gpio.get('busy')) === 0) await clock.sleep(20);
    else {
      await gpio.set('dc', 0);
      await spi.transfer(Uint8Array.of(step.command));
      await gpio.set('dc', 1);
      const data = 'fill' in step ? new Uint8Array(step.bytes).fill(step.fill) : Uint8Array.from(step.data);
      for (let at = 0; at < data.length; at += spi.maxTransferBytes) {
        await spi.transfer(data.subarray(at, at + spi.maxTransferBytes));
      }
    }
  }
}

test.each([
  ['full', [init, display, sleep]],
  ['fast', [initFast, display, sleep]],
  ['grey', [initFourGrey, displayFourGrey, sleep]],
])('the vendor driver breaks no rule in a %s refresh, and the glass is white', async (mode, flows) => {
  const panel = newPanel();
  await replay(panel, ...flows);
  expect(panel.lint.faults).toEqual([]);
  expect(panel.refreshes.map((refresh) => refresh.mode)).toEqual([mode]);
  expect(panel.glass.indexes().every((ink) => ink === 1)).toBe(true);
});

test('the one rule that the vendor driver breaks is the frame that it sends into a small window', async () => {
  const panel = newPanel();
  await replay(panel, init, display, initPartial, displayPartial, sleep);
  expect(panel.lint.faults.map(({ code }) => code)).toEqual(['plane-too-long']);
  expect(panel.refreshes).toMatchObject([
    { mode: 'full', window: { x: 0, y: 0, ...SIZE } },
    { mode: 'partial', window: { x: 16, y: 40, width: 64, height: 32 } },
  ]);
});

test('a partial refresh after deep sleep without the old plane is found out', async () => {
  const panel = newPanel();
  await replay(panel, init, display, sleep, [{ pwr: 1 }], initPartial, displayPartial);
  expect(panel.lint.faults.map(({ code }) => code)).toContain('refresh-of-unknown-ram');
});

test.each<[RefreshMode, (readonly VendorStep[])[]]>([
  ['full', [init]],
  ['fast', [initFast]],
  ['partial', [initPartial, displayPartial.slice(0, 3)]],
])('our driver leaves the registers as the vendor does before a %s refresh', async (mode, flows) => {
  const vendor = newPanel();
  await replay(vendor, ...flows);
  const ours = newPanel();
  const epd = new Epd({ spec: panelSpec('7in5_V2'), port: ours, clock: ours.clock });
  const before = noiseFrame(1);
  const data = before.data.with(40 * 100 + 2, 0).with(71 * 100 + 9, 0);
  await epd.show({ ...before, data, sha256: 'another' }, mode, { previous: before });
  for (const name of ['PSR', 'PWR', 'BTST', 'CDI', 'TCON', 'TRES', 'DUSPI', 'CCSET', 'TSSET', 'PTL']) {
    expect([name, ours.register(name)]).toEqual([name, vendor.register(name)]);
  }
});
