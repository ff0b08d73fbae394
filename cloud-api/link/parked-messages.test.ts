import { test as base, describe, expect } from 'vitest';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { asSystem } from '../database/database.js';
import { ParkedMessages } from './parked-messages.js';
import { parkedMessage } from './tables.js';

const TOPIC = 'inklet/dev/inklet-a/up/state';
const MINUTE_MS = 60_000;

for (const engine of testEngines()) {
  const test = base.extend<{ cloud: TestCloud }>({
    cloud: async ({ task: _ }, use) => {
      const cloud = await TestCloud.start(engine);
      await use(cloud);
      await cloud.close();
    },
  });

  describe(`messages put aside on ${engine.name}`, () => {
    test('they are tried again ever more rarely, stored byte by byte, and given up after an hour', async ({
      cloud,
    }) => {
      const { context, clock } = cloud;
      const taken: string[] = [];
      let isAway = true;
      const parked = new ParkedMessages(context, {
        take: async (_topic, payload) => {
          taken.push(payload.toString('hex'));
          if (isAway) throw new TypeError('not now');
        },
      });
      const rows = () => asSystem(context.db, (tx) => tx.select().from(parkedMessage));
      await parked.park(TOPIC, Buffer.from([0, 0xff, 0x7b]));
      await parked.retry();
      expect(taken).toEqual([]);
      clock.pass(MINUTE_MS);
      await parked.retry();
      await parked.retry();
      expect(taken).toEqual(['00ff7b']);
      expect(await rows()).toMatchObject([{ topic: TOPIC, tries: 1 }]);
      clock.pass(MINUTE_MS);
      isAway = false;
      await parked.retry();
      expect(taken).toEqual(['00ff7b', '00ff7b']);
      expect(await rows()).toEqual([]);

      isAway = true;
      await parked.park(TOPIC, Buffer.from('{"secret of the household'));
      clock.pass(61 * MINUTE_MS);
      await parked.retry();
      expect(await rows()).toEqual([]);
      expect(cloud.logged.join('')).toContain('could never be stored');
      expect(cloud.logged.join('')).not.toContain('secret of the household');
    });
  });
}
