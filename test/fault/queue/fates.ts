import type { History, StepOf } from './history.js';
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
  const lost = new Set(stepsOf(history, 'card.lost').map(({ proc, epoch }) => `${proc} ${epoch}`));
  const committed = lost.size === 0 ? undefined : committedPlaces(history);
  return stepsOf(history, 'enq.ok').map((accepted) => {
    const { hub, hash } = accepted;
    const was = places.of(accepted);
    const streams = was.map(({ epoch, lane, seq }) => ({ stream: streamOf({ hub, epoch, lane }), seq }));
    const isOneCard = places.cardsOf(accepted).length === 1;
    const gaps = streams.filter(({ stream, seq }) => tables.gaps.get(stream)?.has(seq)).length;
    const isDead =
      tables.dead.has(`${hub} ${hash}`) || streams.some(({ stream, seq }) => tables.dead.has(`${stream} ${seq}`));
    if (tables.events.has(`${hub} ${hash}`) || isDead) {
      // One copy of a card may drop what another delivers, or drops too.
      if (gaps > 0 && isOneCard) return { accepted, fate: 'named twice' };
      return { accepted, fate: isDead ? 'dead' : 'delivered' };
    }
    if (gaps > 0) return { accepted, fate: gaps > 1 && isOneCard ? 'named twice' : 'named' };
    const cards = places.cardsOf(accepted);
    const wasOnLost = cards.some((card) => was.some(({ epoch }) => lost.has(`${card} ${epoch}`)));
    const isThere = streams.some(({ stream, seq }) => committed?.get(stream)?.has(seq));
    return { accepted, fate: wasOnLost && !isThere ? 'lost with card' : 'lost' };
  });
}

function indexOf({ events, dead, gaps }: CloudState) {
  const ranges = new Map<string, [number, number][]>();
  for (const gap of gaps) entryOf(ranges, streamOf(gap), () => []).push([gap.from, gap.to]);
  return {
    events: new Set(events.map(({ hub, hash }) => `${hub} ${hash}`)),
    dead: new Set(
      dead.map((row) => (row.hash === undefined ? `${streamOf(row)} ${row.seq}` : `${row.hub} ${row.hash}`)),
    ),
    gaps: new Map([...ranges].map(([stream, list]) => [stream, new RangeIndex(list)])),
  };
}

function committedPlaces(history: History): Map<string, RangeIndex> {
  const commits = [...survivingCommits(history)];
  return new Map(commits.map(([stream, steps]) => [stream, new RangeIndex(steps.flatMap(coveredBy))]));
}
