import type { History, StepOf } from './history.js';
import { entryOf, stepsOf } from './steps.js';
import type { CloudState, Context, Finding } from './verdict.js';

/** I12 */
export function effectsAreOnce(history: History): Finding[] {
  const findings: Finding[] = [];
  const isAtMostOnce = new Map(stepsOf(history, 'cmd.create').map(({ cmd, atMostOnce }) => [cmd, atMostOnce]));
  const run = new Map<string, StepOf<'cmd.effect'>>();
  const ended = new Map<string, StepOf<'cmd.result'>>();
  const slots = new Map<string, StepOf<'cmd.effect'>>();
  const gens = new Map<string, string>();
  for (const step of stepsOf(history, 'cmd.effect', 'cmd.result', 'cmd.recv', 'card.lost')) {
    if (step.step === 'card.lost') {
      // Nobody can know what ran on it.
      for (const map of [run, ended, slots]) forgetOf(map, step.proc);
      continue;
    }
    const name = `${step.proc} ${step.cmd}`;
    if (step.step === 'cmd.recv') gens.set(name, step.gen);
    if (step.step === 'cmd.result') ended.set(name, step);
    if (step.step !== 'cmd.effect') continue;
    const before = run.get(name);
    if (before !== undefined && isAtMostOnce.get(step.cmd) === true) {
      findings.push({ what: `${step.cmd} may run once, and ran again`, evidence: [before, step] });
    }
    const end = ended.get(name);
    if (end !== undefined) findings.push({ what: `${step.cmd} ran after its end`, evidence: [end, step] });
    const slot = `${step.proc} ${step.slot}`;
    const newest = slots.get(slot);
    const genOf = ({ cmd, proc }: StepOf<'cmd.effect'>) => gens.get(`${proc} ${cmd}`) ?? '';
    if (newest !== undefined && newest.cmd !== step.cmd && newest.rev >= step.rev && genOf(newest) >= genOf(step)) {
      findings.push({ what: `${step.slot} went from revision ${newest.rev} to ${step.rev}`, evidence: [newest, step] });
    }
    run.set(name, step);
    slots.set(slot, step);
  }
  return findings;
}

function forgetOf(map: Map<string, unknown>, card: string): void {
  for (const key of map.keys()) if (key.startsWith(`${card} `)) map.delete(key);
}

/** I13 */
export function appliedMeansDone(history: History, { cloud }: Context): Finding[] {
  const findings: Finding[] = [];
  const effects = new Set<string>();
  const results = new Map<string, Set<string>>();
  for (const step of stepsOf(history, 'cmd.effect', 'cmd.result', 'cmd.final')) {
    const state = 'state' in step ? step.state.toLowerCase() : '';
    if (step.step === 'cmd.effect') effects.add(step.cmd);
    if (step.step === 'cmd.result') entryOf(results, step.cmd, () => new Set()).add(state);
    if (state !== 'applied') continue;
    if (!effects.has(step.cmd)) findings.push({ what: `${step.cmd} is applied and had no effect`, evidence: [step] });
    if (step.step === 'cmd.final' && results.get(step.cmd)?.has(state) !== true) {
      findings.push({ what: `${step.cmd} is final before its hub said so`, evidence: [step] });
    }
  }
  return cloud?.commands === undefined ? findings : [...findings, ...wrongEnds(history, cloud.commands, results)];
}

const OPEN: readonly string[] = ['QUEUED', 'OFFERED', 'RECEIVED'];

/** In the end every command has one; and what its hub told stands, unless the cloud or the hub lost it. */
function wrongEnds(
  history: History,
  commands: NonNullable<CloudState['commands']>,
  results: ReadonlyMap<string, ReadonlySet<string>>,
): Finding[] {
  const wasLost = stepsOf(history, 'card.lost', 'restore').length > 0;
  return commands.flatMap(({ cmd, state }) => {
    if (OPEN.includes(state)) return [{ what: `${cmd} has no end`, evidence: [] }];
    const told = results.get(cmd);
    // Unknown is a guess; the word of the hub is better.
    const isGuess = state === 'UNKNOWN' && told !== undefined && !told.has('unknown');
    return isGuess && !wasLost ? [{ what: `${cmd} is unknown, its hub said ${[...told]}`, evidence: [] }] : [];
  });
}

/** I14 */
export function nothingRunsTooLate(history: History, { deadlineToleranceMs = 0 }: Context): Finding[] {
  const received = new Map<string, StepOf<'cmd.recv'>>();
  return stepsOf(history, 'cmd.recv', 'cmd.effect', 'card.lost').flatMap((step) => {
    if (step.step === 'card.lost') {
      forgetOf(received, step.proc);
      return [];
    }
    const name = `${step.proc} ${step.cmd}`;
    if (step.step === 'cmd.recv') {
      if (!received.has(name)) received.set(name, step);
      return [];
    }
    const recv = received.get(name);
    // Another boot's monotonic clock says nothing of this one.
    if (recv === undefined || recv.spanMs === null || recv.boot !== step.boot) return [];
    const lateMs = step.bootMs - recv.bootMs - recv.spanMs;
    if (lateMs <= deadlineToleranceMs) return [];
    return [{ what: `${step.cmd} ran ${Math.ceil(lateMs)} ms after its deadline`, evidence: [recv, step] }];
  });
}
