import type { Anchor, Gap, Lane, Register } from '../../contract/index.js';
import type { LaneState, LogSlice, Outbox } from '../storage/outbox.js';
import type { Room } from './fair-shares.js';

/** What the exchange asks of the outbox. */
export type SyncQueue = Pick<Outbox, 'epoch' | 'acknowledge' | 'startNewEpoch'> & {
  lane(lane: Lane): LaneState & { sent: number };
  pieces(lane: Lane, room: Room): { slices: LogSlice[]; gaps: Gap[] };
  noteSent(lane: Lane, seq: number): void;
  noteRejected(count: number): void;
};

/** What it asks of the registers. */
export type SyncRegisters = {
  dirty(limit: number): Register[];
  acknowledge(acks: readonly (readonly [string, number])[]): void;
  markAllDirty(): void;
};

/** What it asks of the anchors. */
export type SyncAnchors = {
  note(boot: string, monoMs: number, serverMs: number, rttMs: number): void;
  forBoots(boots: readonly string[]): Anchor[];
};

export function queueOf(outbox: Outbox): SyncQueue {
  const sent = new Map<string, number>();
  const keyOf = (lane: Lane) => `${outbox.epoch} ${lane}`;
  return {
    get epoch() {
      return outbox.epoch;
    },
    acknowledge: (lane, ack) => outbox.acknowledge(lane, ack),
    startNewEpoch: () => outbox.startNewEpoch(),
    lane: (lane) => ({ ...outbox.lane(lane), sent: sent.get(keyOf(lane)) ?? 0 }),
    pieces: (lane, room) => {
      const slice = outbox.slice(lane, room);
      return { slices: slice === undefined ? [] : [slice], gaps: [] };
    },
    noteSent: (lane, seq) => void sent.set(keyOf(lane), Math.max(seq, sent.get(keyOf(lane)) ?? 0)),
    noteRejected: () => undefined,
  };
}

export function noRegisters(): SyncRegisters {
  return { dirty: () => [], acknowledge: () => undefined, markAllDirty: () => undefined };
}

export function noAnchors(): SyncAnchors {
  return { note: () => undefined, forBoots: () => [] };
}
