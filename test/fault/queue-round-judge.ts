import type { History, StepOf } from './queue/history.js';
import type { Seen } from './queue-round-cloud.js';

/** What became of the events of a round. */
export type QueueFigures = {
  readonly enqueued: number;
  readonly delivered: number;
  readonly dead: number;
  /** Those that a gap names. */
  readonly gaps: number;
  /** Those that were accepted and are nowhere, though their card was not lost. */
  readonly lost: number;
  readonly lostWithCard: number;
  readonly duplicated: number;
};

type Place = { epoch: string; lane: number; seq: number };

const placeName = ({ epoch, lane, seq }: Place) => `${epoch} ${lane} ${seq}`;

/** Counts, and judges by what must hold whatever went wrong. */
export function judgeQueue(history: History, { state }: Pick<Seen, 'state'>): QueueFigures & { violations: string[] } {
  const accepted = history.filter((step) => step.step === 'enq.ok');
  const movedTo = movesOf(history);
  const lostEpochs = new Set(history.flatMap((step) => (step.step === 'card.lost' ? [step.epoch] : [])));
  const times = countBy(state.events.map(({ hash }) => hash));
  const dead = new Set(state.dead.flatMap(({ hash }) => hash ?? []));
  const isInGap = ({ epoch, lane, seq }: Place) =>
    state.gaps.some((gap) => gap.epoch === epoch && gap.lane === lane && gap.from <= seq && seq <= gap.to);
  const figures = { enqueued: accepted.length, delivered: 0, dead: 0, gaps: 0, lost: 0, lostWithCard: 0 };
  const violations: string[] = [];
  for (const event of accepted) {
    const places = placesOf(event, movedTo);
    if (times.has(event.hash)) figures.delivered += 1;
    else if (dead.has(event.hash)) figures.dead += 1;
    else if (places.some(isInGap)) figures.gaps += 1;
    else if (places.some(({ epoch }) => lostEpochs.has(epoch))) figures.lostWithCard += 1;
    else {
      figures.lost += 1;
      violations.push(`I1 lost: ${event.proc} ${placeName(event)} ${event.hash}`);
    }
  }
  const twice = [...times].filter(([, count]) => count > 1);
  violations.push(...twice.map(([hash, count]) => `I3 ${count} times in the cloud: ${hash}`));
  return { ...figures, duplicated: twice.length, violations };
}

/** Where events went when their card began a new epoch. */
function movesOf(history: History): Map<string, Place[]> {
  const moves = new Map<string, Place[]>();
  for (const step of history) {
    if (step.step !== 'move' || step.what !== 'event') continue;
    const { lane, from, to } = step;
    const key = placeName({ epoch: from.epoch, lane, seq: from.from });
    moves.set(key, [...(moves.get(key) ?? []), { epoch: to.epoch, lane, seq: to.from }]);
  }
  return moves;
}

function placesOf(event: StepOf<'enq.ok'>, moves: Map<string, Place[]>): Place[] {
  const places: Place[] = [event];
  for (const place of places) places.push(...(moves.get(placeName(place)) ?? []));
  return places;
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
