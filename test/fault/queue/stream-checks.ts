import type { Lane } from '../../../contract/index.js';
import type { History, Range, Step, StepOf } from './history.js';
import { countOf, flawInTiles } from './ranges.js';
import { coveredBy, entryOf, LANES, stepsOf, streamOf, survivingCommits } from './steps.js';
import type { CloudState, Context, Finding } from './verdict.js';

/** I4 */
export function everyNumberIsCovered(history: History, { cloud }: Context): Finding[] {
  const findings: Finding[] = [];
  for (const step of stepsOf(history, 'cloud.commit')) {
    const flaw = step.new < step.old ? undefined : flawInTiles(coveredBy(step), step.old + 1, step.new);
    if (flaw !== undefined) findings.push({ what: `${streamOf(step)}: ${flaw}`, evidence: [step] });
  }
  return cloud === undefined ? findings : [...findings, ...flawsInTables(history, cloud)];
}

function flawsInTables(history: History, { streams, events, dead, gaps }: CloudState): Finding[] {
  const tiles = new Map<string, Range[]>();
  for (const row of [...events, ...dead]) entryOf(tiles, streamOf(row), () => []).push([row.seq, row.seq]);
  for (const row of gaps) entryOf(tiles, streamOf(row), () => []).push([row.from, row.to]);
  for (const [stream, commits] of survivingCommits(history)) {
    for (const { covered } of commits) entryOf(tiles, stream, () => []).push(...covered);
  }
  const hwms = new Map(streams.map((row) => [streamOf(row), row.hwm]));
  return [...new Set([...tiles.keys(), ...hwms.keys()])].flatMap((stream) => {
    const flaw = flawInTiles(tiles.get(stream) ?? [], 1, hwms.get(stream) ?? 0);
    return flaw === undefined ? [] : [{ what: `the tables of ${stream}: ${flaw}`, evidence: [] }];
  });
}

/** I5 */
export function marksOnlyRise(history: History): Finding[] {
  const findings: Finding[] = [];
  let marks = new Map<string, number>();
  for (const step of stepsOf(history, 'cloud.commit', 'restore')) {
    if (step.step === 'restore') {
      marks = new Map(step.streams.map((row) => [streamOf(row), row.hwm]));
      continue;
    }
    const stream = streamOf(step);
    const known = marks.get(stream) ?? 0;
    const sum = step.old + countOf(coveredBy(step));
    if (step.old !== known)
      findings.push({ what: `${stream} went on from ${step.old}, it was at ${known}`, evidence: [step] });
    if (step.new !== sum) findings.push({ what: `${stream} is at ${step.new}, not at ${sum}`, evidence: [step] });
    marks.set(stream, step.new);
  }
  return findings;
}

/** I6 */
export function orderIsKept(history: History): Finding[] {
  const findings: Finding[] = [];
  const last = new Map<string, { seq: number; step: Step }>();
  const follow = (list: string, [from, to]: Range, step: Step) => {
    const before = last.get(list);
    if (before !== undefined && before.seq >= from) {
      findings.push({ what: `${list}: ${from} after ${before.seq}`, evidence: [before.step, step] });
    }
    last.set(list, { seq: to, step });
  };
  for (const step of stepsOf(history, 'enq.ok', 'cloud.commit', 'restore')) {
    if (step.step === 'restore') for (const list of last.keys()) if (list.startsWith('committed ')) last.delete(list);
    if (step.step === 'enq.ok') {
      follow(`accepted ${step.proc} ${step.producer ?? ''} ${streamOf(step)}`, [step.seq, step.seq], step);
    }
    if (step.step === 'cloud.commit') for (const range of step.seqs) follow(`committed ${streamOf(step)}`, range, step);
  }
  return [...findings, ...turnedRound(history)];
}

const movedFrom = ({ proc, lane, from, to }: StepOf<'move'>) =>
  `moved ${proc} ${lane} from ${from.epoch} to ${to.epoch}`;

/** What is moved in another order than it had. */
function turnedRound(history: History): Finding[] {
  const lists = new Map<string, StepOf<'move'>[]>();
  for (const step of stepsOf(history, 'move')) entryOf(lists, movedFrom(step), () => []).push(step);
  return [...lists].flatMap(([list, steps]) => {
    const sorted = [...steps].sort((a, b) => a.from.from - b.from.from || a.to.from - b.to.from);
    const at = sorted.findIndex((step, index) => index > 0 && (sorted[index - 1]?.to.from ?? 0) > step.to.from);
    return at < 0 ? [] : [{ what: `${list}: the order is another`, evidence: sorted.slice(at - 1, at + 1) }];
  });
}

/** I7 */
export function repliesFollowCommits(history: History): Finding[] {
  const findings: Finding[] = [];
  let marks = new Map<string, number>();
  for (const step of stepsOf(history, 'cloud.commit', 'restore', 'reply')) {
    if (step.step === 'cloud.commit') marks.set(streamOf(step), step.new);
    else if (step.step === 'restore') marks = new Map(step.streams.map((row) => [streamOf(row), row.hwm]));
    else findings.push(...LANES.flatMap((lane) => promisedTooMuch(step, lane, marks)));
  }
  return findings;
}

function promisedTooMuch(reply: StepOf<'reply'>, lane: Lane, marks: Map<string, number>): Finding[] {
  const committed = marks.get(streamOf({ ...reply, lane })) ?? 0;
  const ack = reply.acks[lane] ?? 0;
  if (ack <= committed) return [];
  return [{ what: `lane ${lane} acknowledged up to ${ack}, committed up to ${committed}`, evidence: [reply] }];
}
