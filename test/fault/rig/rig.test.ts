import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { type Rig, startRig } from './rig-fixture.js';
import { told, trial } from './trial.js';

/** On a machine that does much else. */
const LIMIT_MS = 240_000;

const [engine] = testEngines();
let rig: Rig;
beforeAll(async () => {
  if (engine === undefined) throw new RangeError('no database to test on');
  rig = await startRig(engine);
});
afterAll(() => rig.stop());

test(
  'every promise holds in schedules by chance',
  async () => {
    for (let seed = 1; seed <= 8; seed += 1) expect(told(await trial(rig, seed)), `seed ${seed}`).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'every promise holds over HTTP, with two hubs',
  async () => {
    expect(told(await trial(rig, 9, { hubs: 2, overHttp: true }))).toEqual([]);
  },
  LIMIT_MS,
);
