import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { type Rig, startRig } from './rig-fixture.js';
import { told, trial } from './trial.js';

const ROUNDS = { PGlite: 1000, PostgreSQL: 200 } as const;
/** Of so many rounds one goes over HTTP, and one has two hubs. */
const HTTP_EVERY = 5;
const TWO_EVERY = 3;
const FIRST_SEED = 10_000;

describe.each(testEngines())('on $name', (engine) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(engine);
  });
  afterAll(() => rig.stop());

  test('every promise holds in many schedules by chance', async () => {
    for (let round = 0; round < ROUNDS[engine.name]; round += 1) {
      const seed = FIRST_SEED + round;
      const options = { hubs: round % TWO_EVERY === 0 ? 2 : 1, overHttp: round % HTTP_EVERY === 0 };
      expect(told(await trial(rig, seed, options)), `seed ${seed}`).toEqual([]);
    }
  });
});
