import { expect, test } from 'vitest';
import { messageOn } from '../support/household-panel.js';

const LIMIT_MS = 90_000;
/** A refresh of 12.5 s takes a fifth of a second. */
const COLOUR_SPEED = 60;

// The other tests live on a UC8179; household-panels.long.test.ts has every panel.
test.for([['7in3e', COLOUR_SPEED]] as const)(
  'a household with a %s shows a message, and frame, glass and preview are one',
  { timeout: LIMIT_MS },
  async ([panel, speed], { signal }) => {
    const { state, frame, glass, preview } = await messageOn(panel, speed, signal);
    expect(state).toBe('confirmed');
    expect([glass, preview]).toEqual([frame, frame]);
  },
);
