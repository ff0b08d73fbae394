import { expect, test } from 'vitest';
import { PANELS } from '../../hardware/index.js';
import { messageOn } from '../support/household-panel.js';

const GLASS_SPEED = 20;

test.for(Object.keys(PANELS))('a household with a %s shows a message', async (panel, { signal }) => {
  const { state, frame, glass, preview } = await messageOn(panel, GLASS_SPEED, signal);
  expect(state).toBe('confirmed');
  expect([glass, preview]).toEqual([frame, frame]);
});
