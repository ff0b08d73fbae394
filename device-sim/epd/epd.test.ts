import { expect, test } from 'vitest';
import { Epd, panelSpec } from '../../hardware/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { noiseFrame } from './noise-frame.js';
import { SimPanel } from './sim-panel.js';

const spec = panelSpec('7in5_V2');

const panelTest = test.extend<{ panel: SimPanel; epd: Epd }>({
  panel: async ({ task: _ }, use) => {
    await use(new SimPanel({ width: 800, height: 480, clock: new VirtualClock({ auto: true }), strictness: 'strict' }));
  },
  epd: async ({ panel }, use) => {
    await use(new Epd({ spec, port: panel, clock: panel.clock }));
  },
});

panelTest('a full refresh brings the frame onto unknown glass', async ({ panel, epd }) => {
  const frame = noiseFrame(7);
  await epd.show(frame, 'full');
  expect(panel.glass.frame().sha256).toBe(frame.sha256);
  expect(panel.refreshes).toMatchObject([{ mode: 'full', durationMs: 4_200, share: 1 }]);
});
