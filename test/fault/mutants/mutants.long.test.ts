import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { type Rig, startRig } from '../rig/rig-fixture.js';
import { MUTANTS } from './all-mutants.js';
import { confirm, hunt, tryTrue } from './hunt.js';
import { mutantTable, rowOf } from './mutant-table.js';
import { powerMutantRows } from './power-mutants.js';

/** The true code is tried by as many schedules as it takes to catch its mutant, and by these at least. */
const LEAST_ROUNDS = 10;
const MOST_ROUNDS = 200;
const FIRST_SEED = 1;
const POWER_STATES = 400;

const [engine] = testEngines();
let rig: Rig;
beforeAll(async () => {
  if (engine === undefined) throw new RangeError('no database to test on');
  rig = await startRig(engine);
});
afterAll(() => rig.stop());

test('every mutant is caught by chance or as directed, and the true code passes the same schedules', async () => {
  const rows = await powerMutantRows(POWER_STATES);
  const wronged: string[] = [];
  for (const mutant of MUTANTS) {
    const isDirected = 'script' in mutant;
    const caught = await (isDirected
      ? confirm(rig, mutant)
      : hunt(rig, mutant, { from: FIRST_SEED, most: MOST_ROUNDS }));
    rows.push(rowOf(mutant, caught));
    const rounds = isDirected ? 1 : Math.max(LEAST_ROUNDS, caught?.rounds ?? 0);
    for (let round = 0; round < rounds; round += 1) wronged.push(...(await tryTrue(rig, mutant, FIRST_SEED + round)));
  }
  process.stdout.write(mutantTable(rows));
  expect(rows.filter(({ caught }) => caught === undefined).map(({ name }) => name)).toEqual([]);
  expect(wronged).toEqual([]);
});
