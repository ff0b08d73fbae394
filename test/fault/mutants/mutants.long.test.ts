import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { type Rig, startRig } from '../rig/rig-fixture.js';
import { trial } from '../rig/trial.js';
import { MUTANTS } from './all-mutants.js';
import { hunt } from './hunt.js';
import { mutantTable } from './mutant-table.js';

/** The true code is tried by as many schedules as it takes to catch its mutant, and by these at least. */
const LEAST_ROUNDS = 10;
const MOST_ROUNDS = 200;
const FIRST_SEED = 1;

const [engine] = testEngines();
let rig: Rig;
beforeAll(async () => {
  if (engine === undefined) throw new RangeError('no database to test on');
  rig = await startRig(engine);
});
afterAll(() => rig.stop());

test('every mutant is caught, and the true code passes the same schedules', async () => {
  const rows = [];
  const wronged: string[] = [];
  for (const mutant of MUTANTS) {
    const caught = await hunt(rig, mutant, { from: FIRST_SEED, most: MOST_ROUNDS });
    rows.push({ mutant, caught });
    const { hub: _hub, cloud: _cloud, ...conditions } = mutant;
    for (let round = 0; round < Math.max(LEAST_ROUNDS, caught?.rounds ?? 0); round += 1) {
      const violations = await trial(rig, FIRST_SEED + round, conditions);
      for (const { id, what } of violations) wronged.push(`${mutant.name}, seed ${FIRST_SEED + round}: ${id} ${what}`);
    }
  }
  process.stdout.write(mutantTable(rows));
  expect(rows.filter(({ caught }) => caught === undefined).map(({ mutant }) => mutant.name)).toEqual([]);
  expect(wronged).toEqual([]);
});
