import { expect, test } from 'vitest';
import type { Trace } from '../epd/trace.js';
import { replayFlow } from './replay-flow.js';
import { replayText } from './report.js';

const WITHOUT_POWER: Trace = [{ c: '12', d: '' }];

// It said that there was none.
test('who did not look for broken rules is not told that there are none', async () => {
  const real = await replayFlow({ id: '7in5_V2', trace: WITHOUT_POWER, strictness: 'real' });
  expect(replayText([], real)).toContain('\nlint: not looked for\n');
  const lint = await replayFlow({ id: '7in5_V2', trace: WITHOUT_POWER, strictness: 'lint' });
  expect(replayText([], lint)).toContain('\nlint: fault refresh-without-power ');
  const nothing = await replayFlow({ id: '7in5_V2', trace: [], strictness: 'lint' });
  expect(replayText([], nothing)).toContain('\nlint: none\n');
});
