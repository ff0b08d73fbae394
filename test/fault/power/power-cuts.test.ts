import { expect, test } from 'vitest';
import { runPowerCuts } from './power-cuts.js';

const LIMIT_MS = 120_000;
/** So small that the log is emptied into the file again and again. */
const WORK = { seed: 1, turns: 200, checkpointPages: 60 };

test(
  'no state that a power cut may leave has lost what was promised, and a store that syncs less is caught',
  async () => {
    const full = await runPowerCuts({ ...WORK, synchronous: 'FULL' }, 152);
    const normal = await runPowerCuts({ ...WORK, synchronous: 'NORMAL' }, 24);
    const off = await runPowerCuts({ ...WORK, synchronous: 'OFF' }, 24);
    process.stdout.write(`power cuts: ${JSON.stringify({ full, normal, off })}\n`);
    expect(full).toEqual({ states: 152, bad: 0 });
    expect(normal.lost).toBeGreaterThan(0);
    expect(off.bad).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
