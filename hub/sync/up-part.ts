import {
  type Gap,
  type Lane,
  type Register,
  SYNC_WINDOW,
  type SyncEvent,
  type SyncRequest,
} from '../../contract/index.js';
import type { Outbox } from '../storage/outbox.js';
import type { LogSlice } from '../storage/pieces.js';
import type { Registers } from '../storage/registers.js';
import { creditAfter, type Room, type SharingLane, shareRoom, type Waiting } from './fair-shares.js';

/** What goes up in one request, up to where it covers each of its lanes, and what the lanes have saved up after it. */
export type UpPart = {
  logs: SyncRequest['logs'];
  gaps: Gap[];
  regs: Register[];
  ends: Map<Lane, number>;
  credits: Map<Lane, number>;
};

const CONTROL: Lane = 0;
const SHARING = [1, 2, 3] as const satisfies readonly SharingLane[];
/** More than one request takes. Source: `contract/sync.ts`. */
const MOST_GAPS = 1000;
const MOST_REGISTERS = 100;

type Lanes = Pick<Outbox, 'lane' | 'pieces'>;

/** A run of numbers of one lane: events, or what will never come. */
type Piece = { from: number; to: number; slice?: LogSlice; gap?: Gap };

/** Lane 0 first and whole, then registers, then the others by their weights. Source: sync protocol, section 3, Schedule. */
export function upPart(from: {
  outbox: Lanes;
  registers: Pick<Registers, 'dirty'>;
  window: Room;
  credits: ReadonlyMap<Lane, number>;
}): UpPart {
  const { outbox, registers, window } = from;
  const part: UpPart = { logs: [], gaps: [], regs: [], ends: new Map(), credits: new Map() };
  let left: Room = { events: window.events, bytes: window.bytes };
  const use = (used: Room) => {
    left = { events: Math.max(0, left.events - used.events), bytes: Math.max(0, left.bytes - used.bytes) };
  };
  if (isWaiting(outbox, CONTROL)) use(put(part, piecesOf(outbox, CONTROL, left), 0));
  use(putRegisters(part, registers.dirty(MOST_REGISTERS), left));
  const waiting = SHARING.filter((lane) => isWaiting(outbox, lane)).map((lane) => demandOf(outbox, lane));
  for (const share of shareRoom(left, waiting, from.credits)) {
    const isEmpty = part.ends.size === 0 && part.regs.length === 0;
    const room = isEmpty ? { ...share.room, events: Math.max(1, share.room.events) } : share.room;
    const pieces = room.events > 0 ? piecesOf(outbox, share.lane, room) : [];
    // One event is given whatever its size; what finds no room here finds some once its lane has saved up for it.
    const fits = isEmpty || bytesOf(pieces) <= room.bytes;
    const used = fits ? put(part, pieces, outbox.lane(share.lane).sent) : { events: 0, bytes: 0 };
    part.credits.set(share.lane, creditAfter(share, used));
  }
  return part;
}

function isWaiting(outbox: Lanes, lane: Lane): boolean {
  const { acked, nextSeq } = outbox.lane(lane);
  return nextSeq - 1 > acked;
}

function demandOf(outbox: Lanes, lane: SharingLane): Waiting {
  const { rows, bytes } = outbox.lane(lane);
  return { lane, events: Math.max(1, rows), bytes };
}

/** What covers the lane without a hole from its first number on that the cloud has not acknowledged. */
function piecesOf(outbox: Lanes, lane: Lane, room: Room): Piece[] {
  const { slices, gaps } = outbox.pieces(lane, room);
  const pieces: Piece[] = [
    ...slices.map((slice) => ({ from: slice.first, to: slice.first + slice.events.length - 1, slice })),
    ...gaps.map((gap) => ({ from: gap.from, to: gap.to, gap })),
  ];
  return pieces.toSorted((a, b) => a.from - b.from);
}

/** `sent`: the last place of the lane that was in an earlier request. */
function put(part: UpPart, pieces: readonly Piece[], sent: number): Room {
  const used = { events: 0, bytes: 0 };
  for (const { to, slice, gap } of pieces) {
    if (part.logs.length >= SYNC_WINDOW.events || part.gaps.length >= MOST_GAPS) break;
    if (gap !== undefined) {
      part.gaps.push(gap);
      part.ends.set(gap.lane, to);
    }
    if (slice === undefined) continue;
    const { bytes, lane, ...rest } = slice;
    const isKnown = (event: SyncEvent, at: number) => lane === CONTROL || isAgain(event, rest.first + at, sent);
    const events = rest.events.map((event, at) => (isKnown(event, at) ? event : withoutId(event)));
    part.logs.push({ ...rest, lane, events });
    part.ends.set(slice.lane, to);
    used.events += slice.events.length;
    used.bytes += bytes;
  }
  return used;
}

/** The cloud may have an event under this number, or under one that it had, and has to tell whether it is this one. */
function isAgain({ was }: SyncEvent, seq: number, sent: number): boolean {
  return was !== undefined || seq <= sent;
}

/** A third less on the wire; of what the cloud cannot have yet, the id of the last event tells two copies of a store apart. */
function withoutId({ id: _, ...event }: SyncEvent): SyncEvent {
  return event;
}

function bytesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { slice }) => sum + (slice?.bytes ?? 0), 0);
}

function putRegisters(part: UpPart, registers: readonly Register[], left: Room): Room {
  const used = { events: 0, bytes: 0 };
  for (const register of registers) {
    const bytes = Buffer.byteLength(JSON.stringify(register));
    const isFirst = part.ends.size === 0 && part.regs.length === 0;
    if (!isFirst && used.bytes + bytes > left.bytes) break;
    part.regs.push(register);
    used.bytes += bytes;
  }
  return used;
}
