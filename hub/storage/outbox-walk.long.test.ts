import { test } from '../../test/support/hub-site.js';
import { walkQueue } from '../../test/support/queue-walk.js';

test('on many long ways too, each event that was accepted is held, acknowledged or in one gap', async ({ site }) => {
  await walkQueue(site, { runs: 1000, steps: 80 });
});
