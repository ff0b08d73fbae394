import type { Lane } from '../../../contract/index.js';
import type { Card, LaneOnCard } from './types.js';

export function emptyCard(epoch: string): Card {
  return {
    epoch,
    lanes: { 0: emptyLane(), 1: emptyLane(), 2: emptyLane(), 3: emptyLane() },
    regs: new Map(),
    ver: 0,
    left: [],
    inbox: new Map(),
    slots: new Map(),
    gen: 0,
    downAcked: 0,
    anchors: [],
    isFull: false,
  };
}

/** Another card with the same on it. */
export function copyOfCard(card: Card): Card {
  const lane = (which: Lane): LaneOnCard => ({
    ...card.lanes[which],
    rows: [...card.lanes[which].rows],
    gaps: [...card.lanes[which].gaps],
  });
  return {
    ...card,
    lanes: { 0: lane(0), 1: lane(1), 2: lane(2), 3: lane(3) },
    regs: new Map([...card.regs].map(([key, register]) => [key, { ...register }])),
    inbox: new Map([...card.inbox].map(([cmd, row]) => [cmd, { ...row }])),
    slots: new Map(card.slots),
  };
}

function emptyLane(): LaneOnCard {
  return { next: 1, acked: { seq: 0, id: null }, sent: 0, rows: [], gaps: [] };
}
