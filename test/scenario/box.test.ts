import { expect } from 'vitest';
import { box, test } from '../support/box.js';
import { expectProofs } from '../support/proved-box.js';

// box.long.test.ts has the same on PostgreSQL.
test(
  'a text and a photograph of 12 megapixels reach the glass, each with its proof',
  { timeout: 120_000 },
  async ({ dir }) => expectProofs(dir, {}),
);

test.for([
  [['--once', 'x', '--image', 'y.png'], 2, 'cannot go with --image'],
  [['--port-base', 'ten'], 2, '--port-base'],
  [['--panel', '99in9'], 1, '7in5_V2'],
  [['--sideways'], 2, 'sideways'],
  [['--once', 'x', '--home', 'package.json'], 1, 'package.json'],
] as const)('%j is refused with a reason', async ([flags, code, reason], { dir }) => {
  await expect(box(dir, flags, {})).rejects.toMatchObject({
    code,
    stderr: expect.stringContaining(reason),
    stdout: '',
  });
});
