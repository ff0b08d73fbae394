import type { GapReason } from '../../../contract/index.js';
import type { History, Step, StepOf } from './history.js';
import { Places } from './places.js';
import { RangeIndex } from './ranges.js';
import { coveredBy, entryOf, stepsOf, streamOf, survivingCommits } from './steps.js';
import type { CloudState } from './verdict.js';

/**
 * delivered, dead: in the cloud's tables · named: in a gap · lost with card: on a card that was lost with it · named twice:
 * in several gaps, or in one although it is in the cloud · lost: nowhere.
 */
export type Fate = 'delivered' | 'dead' | 'named' | 'lost with card' | 'named twice' | 'lost';

export type Fated = { readonly accepted: StepOf<'enq.ok'>; readonly fate: Fate };

/** What became of every event that a hub accepted, once all is quiet. */
export function fatesOf(history: History, cloud: CloudState): Fated[] {
  const tables = indexOf(cloud);
  const places = new Places(history);
  const lost = lossesOf(history);
  const copied = new Set(stepsOf(history, 'card.cloned').map(({ hub }) => hub));
  const order: Map<Step, number> = new Map(lost.size === 0 ? [] : history.map((step, index) => [step, index]));
  const committed = lost.size === 0 ? undefined : committedPlaces(history);
  return stepsOf(history, 'enq.ok').map((accepted) => {
    const { hub, hash } = accepted;
    const was = places.of(accepted);
    const streams = was.map(({ epoch, lane, seq }) => ({ stream: streamOf({ hub, epoch, lane }), seq }));
    // Two cards give one number to two events: what is there may be the other's.
    const isOneCard = !copied.has(hub);
    const reasons = streams.flatMap(({ stream, seq }) => tables.gapsAt(stream, seq));
    // A restored cloud names what it lacks by its numbers: under others it may be here, or named for another reason.
    const gaps = reasons.filter((reason) => reason !== 'cloud_rollback').length;
    const isDead =
      tables.dead.has(`${hub} ${hash}`) || streams.some(({ stream, seq }) => tables.dead.has(`${stream} ${seq}`));
    if (tables.events.has(`${hub} ${hash}`) || isDead) {
      // One copy of a card may drop what another delivers, or drops too.
      if (gaps > 0 && isOneCard) return { accepted, fate: 'named twice' };
      return { accepted, fate: isDead ? 'dead' : 'delivered' };
    }
    if (reasons.length > 0) return { accepted, fate: gaps > 1 && isOneCard ? 'named twice' : 'named' };
    const cards = places.cardsOf(accepted);
    const wasOnLost = cards.some((card) => (lost.get(card) ?? 0) > (order.get(accepted) ?? 0));
    const isThere = isOneCard && streams.some(({ stream, seq }) => committed?.get(stream)?.has(seq));
    return { accepted, fate: wasOnLost && !isThere ? 'lost with card' : 'lost' };
  });
}

/** When each card was lost for the last time. With it goes what it knew of epochs that it had left. */
function lossesOf(history: History): Map<string, number> {
  return new Map(history.flatMap((step, index) => (step.step === 'card.lost' ? [[step.proc, index] as const] : [])));
}

function indexOf({ events, dead, gaps }: CloudState) {
  const ranges = new Map<string, Map<GapReason, [number, number][]>>();
  for (const gap of gaps) {
    const reasons = entryOf(ranges, streamOf(gap), () => new Map());
    entryOf(reasons, gap.reason, () => []).push([gap.from, gap.to]);
  }
  const indexes = new Map(
    [...ranges].map(([stream, reasons]) => [
      stream,
      [...reasons].map(([reason, list]) => ({ reason, index: new RangeIndex(list) })),
    ]),
  );
  return {
    events: new Set(events.map(({ hub, hash }) => `${hub} ${hash}`)),
    dead: new Set(
      dead.map((row) => (row.hash === undefined ? `${streamOf(row)} ${row.seq}` : `${row.hub} ${row.hash}`)),
    ),
    gapsAt: (stream: string, seq: number) =>
      (indexes.get(stream) ?? []).filter(({ index }) => index.has(seq)).map(({ reason }) => reason),
  };
}

function committedPlaces(history: History): Map<string, RangeIndex> {
  const commits = [...survivingCommits(history)];
  return new Map(commits.map(([stream, steps]) => [stream, new RangeIndex(steps.flatMap(coveredBy))]));
}
