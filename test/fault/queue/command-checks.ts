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
  const known = new KnownInCloud();
  for (const step of stepsOf(
    history,
    'cmd.effect',
    'cmd.result',
    'cmd.recv',
    'card.lost',
    'send',
    'reply',
    'reply.got',
    'restore',
  )) {
    known.follow(step);
    if (step.step === 'send' || step.step === 'reply' || step.step === 'reply.got' || step.step === 'restore') continue;
    if (step.step === 'card.lost') {
      // Nobody can know what ran on it, unless the cloud had heard that it was there.
      for (const map of [run, ended, slots]) forgetOf(map, step.proc, (cmd) => map === run && known.has(cmd));
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

function forgetOf(map: Map<string, unknown>, card: string, keeps: (name: string) => boolean = () => false): void {
  for (const key of map.keys()) {
    if (key.startsWith(`${card} `) && !keeps(key.slice(card.length + 1))) map.delete(key);
  }
}

/** Which commands the cloud knows to be on a card: a request that it answered said so. */
class KnownInCloud {
  readonly #places = new Map<string, Map<number, string>>();
  readonly #sent = new Map<string, StepOf<'send'>>();
  readonly #known = new Set<string>();

  has(cmd: string): boolean {
    return this.#known.has(cmd);
  }

  follow(
    step: StepOf<'cmd.recv' | 'send' | 'reply' | 'reply.got' | 'restore' | 'cmd.effect' | 'cmd.result' | 'card.lost'>,
  ): void {
    if (step.step === 'cmd.recv') {
      entryOf(this.#places, `${step.proc} ${step.gen}`, () => new Map()).set(step.downSeq, step.cmd);
    } else if (step.step === 'send') this.#sent.set(step.req, step);
    else if (step.step === 'restore') this.#known.clear();
    else if (step.step === 'reply' && step.state === 'open') this.#hear(step);
    // The hub cannot tell whose reply it got, unless that is on it.
    else if (step.step === 'reply.got' && step.state === 'open') this.#hear({ ...step, req: step.echo ?? step.req });
  }

  #hear({ req, gen }: Pick<StepOf<'reply'>, 'req' | 'gen'>): void {
    const sent = this.#sent.get(req);
    if (sent === undefined || sent.downGen !== gen) return;
    for (const [downSeq, cmd] of this.#places.get(`${sent.proc} ${gen}`) ?? []) {
      if (downSeq <= sent.downAcked) this.#known.add(cmd);
    }
  }
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

/** Nobody but its hub knows that. */
const ONLY_TOLD: readonly string[] = ['APPLIED', 'FAILED'];
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
    // A command that is withdrawn may end before its hub says anything.
    if (wasLost || state === 'SUPERSEDED' || told?.has(state.toLowerCase()) === true) return [];
    if (told === undefined && !ONLY_TOLD.includes(state)) return [];
    return [{ what: `${cmd} is ${state}, its hub said ${[...(told ?? ['nothing'])]}`, evidence: [] }];
  });
}

/** I14 */
export function nothingRunsTooLate(history: History, context: Context): Finding[] {
  const received = new Map<string, StepOf<'cmd.recv'>>();
  const deadlines = new Map(stepsOf(history, 'cmd.create').map(({ cmd, deadlineMs }) => [cmd, deadlineMs ?? null]));
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
    if (recv === undefined || recv.boot !== step.boot) return [];
    return [
      ...lateBy(step, recv, context),
      ...lateInTruth(step, { recv, deadlineMs: deadlines.get(step.cmd) ?? null }, context),
    ];
  });
}

function lateBy(step: StepOf<'cmd.effect'>, recv: StepOf<'cmd.recv'>, { deadlineToleranceMs = 0 }: Context): Finding[] {
  if (recv.spanMs === null) return [];
  const lateMs = step.bootMs - recv.bootMs - recv.spanMs;
  if (lateMs <= deadlineToleranceMs) return [];
  return [{ what: `${step.cmd} ran ${Math.ceil(lateMs)} ms after its deadline`, evidence: [recv, step] }];
}

/** The span that a hub was given was right when it left the cloud, and no righter than its way was short. */
function lateInTruth(
  step: StepOf<'cmd.effect'>,
  { recv, deadlineMs }: { recv: StepOf<'cmd.recv'>; deadlineMs: number | null },
  { deadlineToleranceMs = 0, longestWayMs }: Context,
): Finding[] {
  if (deadlineMs === null || longestWayMs === undefined) return [];
  const lateMs = step.at - deadlineMs;
  if (lateMs <= longestWayMs + deadlineToleranceMs) return [];
  return [{ what: `${step.cmd} ran ${Math.ceil(lateMs)} ms after its true deadline`, evidence: [recv, step] }];
}
