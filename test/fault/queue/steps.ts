import type { Lane } from '../../../contract/index.js';
import type { History, Step, StepName, StepOf } from './history.js';

/** The steps of some names, in order. */
export function stepsOf<N extends StepName>(history: History, ...names: N[]): StepOf<N>[] {
  const wanted = new Set<string>(names);
  return history.filter((step): step is StepOf<N> => wanted.has(step.step));
}

/** Names a lane of an epoch of a hub. */
export function streamOf({ hub, epoch, lane }: { hub: string; epoch: string; lane: Lane }): string {
  return `${hub} ${epoch} ${lane}`;
}

/** What a map holds under a key, made when it is first asked for. */
export function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export const LANES = [0, 1, 2, 3] as const satisfies readonly Lane[];

export type CommitStep = StepOf<'cloud.commit'>;

/** The commits of each stream that the cloud still has: a restored backup takes back what came after it. */
export function survivingCommits(history: History): Map<string, CommitStep[]> {
  const streams = new Map<string, CommitStep[]>();
  for (const step of stepsOf(history, 'cloud.commit', 'restore')) {
    if (step.step === 'cloud.commit') entryOf(streams, streamOf(step), () => []).push(step);
    else keepUpTo(streams, step);
  }
  return streams;
}

function keepUpTo(streams: Map<string, CommitStep[]>, restore: StepOf<'restore'>): void {
  const hwms = new Map(restore.streams.map((stream) => [streamOf(stream), stream.hwm]));
  for (const [key, commits] of streams) {
    const hwm = hwms.get(key) ?? 0;
    streams.set(
      key,
      commits.filter((commit) => commit.new <= hwm),
    );
  }
}

/** The numbers that a commit accounts for. */
export function coveredBy({ seqs, dead, covered, gaps }: CommitStep): [number, number][] {
  return [...seqs, ...dead, ...covered, ...gaps.map(({ from, to }): [number, number] => [from, to])];
}

/** The last line of a list, as evidence. */
export function lastOf(...steps: (Step | undefined)[]): Step[] {
  return steps.filter((step) => step !== undefined);
}
