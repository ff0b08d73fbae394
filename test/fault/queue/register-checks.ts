import type { History, StepOf } from './history.js';
import { entryOf, stepsOf } from './steps.js';
import type { CloudState, Context, Finding } from './verdict.js';

type SetStep = StepOf<'reg.set'>;

/** I10 */
export function registersEndAtTheLast(history: History, { cloud }: Context): Finding[] {
  const falls = versionsThatFall(history);
  return cloud === undefined ? falls : [...falls, ...wrongValues(history, cloud), ...wrongSums(history)];
}

function versionsThatFall(history: History): Finding[] {
  const last = new Map<string, StepOf<'cloud.reg'>>();
  return stepsOf(history, 'cloud.reg', 'restore').flatMap((step) => {
    if (step.step === 'restore') {
      last.clear();
      return [];
    }
    const name = `${step.hub} ${step.key}`;
    const before = last.get(name);
    last.set(name, step);
    if (before === undefined || before.ord < step.ord || (before.ord === step.ord && before.ver < step.ver)) return [];
    return [
      { what: `${name} went from ${before.ord}/${before.ver} to ${step.ord}/${step.ver}`, evidence: [before, step] },
    ];
  });
}

/** A value that is carried into a new epoch is set there again; of the highest epoch in the cloud's order the last one counts. */
function wrongValues(history: History, { registers }: CloudState): Finding[] {
  const ords = new Map(stepsOf(history, 'cloud.reg').map(({ hub, epoch, ord }) => [`${hub} ${epoch}`, ord]));
  const lost = new Set(stepsOf(history, 'card.lost').map(({ proc, epoch }) => `${proc} ${epoch}`));
  const rows = new Map(registers.map((row) => [`${row.hub} ${row.key}`, row]));
  return [...setsByKey(history)].flatMap(([name, sets]) => {
    const ordOf = (step: SetStep) => ords.get(`${step.hub} ${step.epoch}`) ?? 0;
    const highest = sets.reduce((top, step) => Math.max(top, ordOf(step)), 0);
    const last = sets.findLast((step) => ordOf(step) === highest);
    const row = rows.get(name);
    if (last === undefined || row?.hash === last.hash) return [];
    // What was set on a card that was lost afterwards may never have left it.
    if (sets.some((step) => lost.has(`${step.proc} ${step.epoch}`) && ordOf(step) === highest)) return [];
    return [{ what: `${name} is ${row?.hash ?? 'nowhere'} in the cloud`, evidence: [last] }];
  });
}

/**
 * Every value was either acknowledged or overwritten before. Judged only where every line is there: a kill may come
 * between a commit and its line, and a value that is carried into another epoch counts in both.
 */
function wrongSums(history: History): Finding[] {
  if (stepsOf(history, 'restore').length > 0) return [];
  const crashed = new Set(stepsOf(history, 'crash').map(({ proc }) => proc));
  const sums = new Map<string, Sum>();
  for (const step of stepsOf(history, 'hub.commit')) {
    for (const [key, ver, sup] of step.regs) {
      const sum = entryOf(sums, `${step.hub} ${key}`, () => ({ versions: new Set(), overwritten: 0, last: step }));
      sum.versions.add(ver);
      sum.overwritten += sup;
      sum.last = step;
    }
  }
  return [...setsByKey(history)].flatMap(([name, sets]) => {
    const sum = sums.get(name);
    const isSure = new Set(sets.map(({ epoch }) => epoch)).size === 1 && !sets.some(({ proc }) => crashed.has(proc));
    if (sum === undefined || !isSure) return [];
    const { versions, overwritten, last } = sum;
    if (versions.size + overwritten === sets.length) return [];
    const what = `${name}: ${versions.size} acknowledged and ${overwritten} overwritten, of ${sets.length} set`;
    return [{ what, evidence: [last] }];
  });
}

type Sum = { readonly versions: Set<number>; overwritten: number; last: StepOf<'hub.commit'> };

function setsByKey(history: History): Map<string, SetStep[]> {
  const sets = new Map<string, SetStep[]>();
  for (const step of stepsOf(history, 'reg.set')) entryOf(sets, `${step.hub} ${step.key}`, () => []).push(step);
  return sets;
}
