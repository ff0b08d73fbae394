import { test } from '../../test/support/hub-site.js';
import { walkQueue } from '../../test/support/queue-walk.js';

test('whatever happens, each event that was accepted is held, acknowledged or in one gap', async ({ site }) => {
  await walkQueue(site, { runs: 15, steps: 30 });
});
