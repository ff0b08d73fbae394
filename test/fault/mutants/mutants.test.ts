import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { CHECKS } from '../queue/checks.js';
import { type Rig, startRig } from '../rig/rig-fixture.js';
import { MUTANTS, UNPROVED } from './all-mutants.js';
import { EQUIVALENT } from './equivalent.js';
import { hunt } from './hunt.js';
import { mutantTable } from './mutant-table.js';

const [engine] = testEngines();
let rig: Rig;
beforeAll(async () => {
  if (engine === undefined) throw new RangeError('no database to test on');
  rig = await startRig(engine);
});
afterAll(() => rig.stop());

test('every mutant is caught by a schedule that is known to show it', async () => {
  const rows = [];
  for (const mutant of MUTANTS) {
    rows.push({ mutant, caught: await hunt(rig, mutant, { from: mutant.seed, most: 1 }) });
  }
  process.stdout.write(mutantTable(rows));
  const missed = rows.filter(({ mutant, caught }) => caught?.by.includes(mutant.breaks) !== true);
  expect(missed.map(({ mutant, caught }) => `${mutant.name}: ${caught?.by ?? 'nobody'}`)).toEqual([]);
});

test('every promise has a mutant, and most a proved one', () => {
  const broken = new Set<string>(MUTANTS.map(({ breaks }) => breaks));
  const meant = new Set<string>([...MUTANTS, ...UNPROVED].map(({ breaks }) => breaks));
  expect(Object.keys(CHECKS).filter((id) => !meant.has(id))).toEqual([]);
  expect(Object.keys(CHECKS).filter((id) => !broken.has(id))).toEqual(['I14', 'I15']);
});

test('what is said to be equivalent has a reason and is no mutant of the table', () => {
  for (const { name, why } of EQUIVALENT) {
    expect(why).not.toBe('');
    expect(MUTANTS.map((mutant) => mutant.name)).not.toContain(name);
  }
});
