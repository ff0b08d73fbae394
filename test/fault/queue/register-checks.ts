import type { History, StepOf } from './history.js';
import { entryOf, stepsOf } from './steps.js';
import type { CloudState, Context, Finding } from './verdict.js';

type SetStep = StepOf<'reg.set'>;

/** I10 */
export function registersEndAtTheLast(history: History, { cloud }: Context): Finding[] {
  const falls = versionsThatFall(history);
  return cloud === undefined
    ? falls
    : [...falls, ...wrongValues(history, cloud), ...wrongSums(history), ...wrongRequests(history)];
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
  const ords = epochOrder(history);
  const lost = setsOnLostCards(history);
  const rows = new Map(registers.map((row) => [`${row.hub} ${row.key}`, row]));
  return [...setsByKey(history)].flatMap(([name, sets]) => {
    const ordOf = (step: SetStep) => ords.get(`${step.hub} ${step.epoch}`) ?? 0;
    const highest = sets.reduce((top, step) => Math.max(top, ordOf(step)), 0);
    // Where two copies of a card set it, it is the last of either: which epoch of theirs is the later one, the cloud alone knows.
    const isCopied = new Set(sets.map(({ proc }) => proc)).size > 1;
    const lasts = new Map(sets.filter((step) => isCopied || ordOf(step) === highest).map((step) => [step.proc, step]));
    const row = rows.get(name);
    if (lasts.size === 0 || [...lasts.values()].some(({ hash }) => hash === row?.hash)) return [];
    // What was set on a card that was lost afterwards may never have left it.
    if ([...lasts.values()].some((step) => lost.has(step))) return [];
    return [{ what: `${name} is ${row?.hash ?? 'nowhere'} in the cloud`, evidence: [...lasts.values()] }];
  });
}

/** An epoch of which the cloud took no register comes after those before it in which one was set. */
function epochOrder(history: History): Map<string, number> {
  const ords = new Map(stepsOf(history, 'cloud.reg').map(({ hub, epoch, ord }) => [`${hub} ${epoch}`, ord]));
  const highest = new Map<string, number>();
  for (const { hub, epoch } of stepsOf(history, 'reg.set')) {
    const top = highest.get(hub) ?? 0;
    const ord = entryOf(ords, `${hub} ${epoch}`, () => top + A_PART);
    highest.set(hub, Math.max(top, ord));
  }
  return ords;
}

/** So little that no number of epochs in a row makes up a whole place. */
const A_PART = 1e-6;

function setsOnLostCards(history: History): Set<SetStep> {
  const lost = new Set<SetStep>();
  const onCard = new Map<string, SetStep[]>();
  for (const step of stepsOf(history, 'reg.set', 'card.lost')) {
    const sets = entryOf(onCard, step.proc, () => []);
    if (step.step === 'reg.set') sets.push(step);
    else for (const set of sets.splice(0)) lost.add(set);
  }
  return lost;
}

/**
 * Every value was either acknowledged or overwritten before. Judged only where every line is there: a kill may come
 * between a commit and its line, a value that is carried into another epoch counts in both, and so does one on two cards.
 */
function wrongSums(history: History): Finding[] {
  if (stepsOf(history, 'restore').length > 0) return [];
  const isSure = sureKeys(history);
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
    if (sum === undefined || !isSure.has(name)) return [];
    const { versions, overwritten, last } = sum;
    if (versions.size + overwritten === sets.length) return [];
    const what = `${name}: ${versions.size} acknowledged and ${overwritten} overwritten, of ${sets.length} set`;
    return [{ what, evidence: [last] }];
  });
}

type Sum = { readonly versions: Set<number>; overwritten: number; last: StepOf<'hub.commit'> };

/** Of those of which every line is there, in one epoch and on one card. */
function sureKeys(history: History): Set<string> {
  const crashed = new Set(
    stepsOf(history, 'crash', 'card.cloned').flatMap((step) => ('of' in step ? [step.proc, step.of] : [step.proc])),
  );
  return new Set(
    [...setsByKey(history)].flatMap(([name, sets]) => {
      const isSure = new Set(sets.map(({ epoch }) => epoch)).size === 1 && !sets.some(({ proc }) => crashed.has(proc));
      return isSure ? [name] : [];
    }),
  );
}

/** A request says of each value how many were overwritten since the last one that was acknowledged. */
function wrongRequests(history: History): Finding[] {
  if (stepsOf(history, 'restore').length > 0) return [];
  const isSure = sureKeys(history);
  const waiting = new Map<string, number[]>();
  return stepsOf(history, 'reg.set', 'hub.commit', 'send').flatMap((step) => {
    const versionsOf = (key: string) => entryOf(waiting, `${step.hub} ${key}`, () => []);
    if (step.step === 'reg.set') versionsOf(step.key).push(step.ver);
    if (step.step === 'hub.commit') {
      for (const [key, ver] of step.regs) {
        waiting.set(
          `${step.hub} ${key}`,
          versionsOf(key).filter((one) => one > ver),
        );
      }
    }
    const told = step.step === 'send' ? (step.regs ?? []) : [];
    return told.flatMap(([key, ver, sup]) => {
      const overwritten = versionsOf(key).filter((one) => one < ver).length;
      if (overwritten === sup || !isSure.has(`${step.hub} ${key}`)) return [];
      return [{ what: `${key} is sent with ${sup} overwritten, it were ${overwritten}`, evidence: [step] }];
    });
  });
}

function setsByKey(history: History): Map<string, SetStep[]> {
  const sets = new Map<string, SetStep[]>();
  for (const step of stepsOf(history, 'reg.set')) entryOf(sets, `${step.hub} ${step.key}`, () => []).push(step);
  return sets;
}
