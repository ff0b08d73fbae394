import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { CHECKS } from '../queue/checks.js';
import { type Rig, startRig } from '../rig/rig-fixture.js';
import { MUTANTS } from './all-mutants.js';
import { EQUIVALENT } from './equivalent.js';
import { confirm, tryTrue } from './hunt.js';
import { missedOf, mutantTable, rowOf } from './mutant-table.js';
import { powerMutantRows } from './power-mutants.js';

/** On a machine that does much else. */
const LIMIT_MS = 240_000;
const POWER_STATES = 12;

const [engine] = testEngines();
let rig: Rig;
beforeAll(async () => {
  if (engine === undefined) throw new RangeError('no database to test on');
  rig = await startRig(engine);
});
afterAll(() => rig.stop());

test(
  'every mutant is caught by the promise that it breaks',
  async () => {
    const rows = [];
    for (const mutant of MUTANTS) rows.push(rowOf(mutant, await confirm(rig, mutant)));
    rows.push(...(await powerMutantRows(POWER_STATES)));
    process.stdout.write(mutantTable(rows));
    expect(missedOf(rows)).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'the true code passes every schedule that is written down',
  async () => {
    const wronged: string[] = [];
    for (const mutant of MUTANTS) if ('script' in mutant) wronged.push(...(await tryTrue(rig, mutant)));
    expect(wronged).toEqual([]);
  },
  LIMIT_MS,
);

test('every promise has a mutant', () => {
  const broken = new Set<string>(MUTANTS.map(({ breaks }) => breaks));
  expect(Object.keys(CHECKS).filter((id) => !broken.has(id))).toEqual([]);
});

test('what is said to be equivalent has a reason and is no mutant of the table', () => {
  for (const { name, why } of EQUIVALENT) {
    expect(why).not.toBe('');
    expect(MUTANTS.map((mutant) => mutant.name)).not.toContain(name);
  }
});
