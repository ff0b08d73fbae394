import { type Lane, SYNC_WINDOW } from '../../contract/index.js';

/** Events and raw bytes: what a request still takes, or what of it is used. */
export type Room = { events: number; bytes: number };

/** What of one lane waits to be sent. A gap counts as an event without bytes. */
export type Waiting = Room & { lane: SharingLane };

/** The lanes that share what lane 0 and the registers leave of a request. */
export type SharingLane = Exclude<Lane, 0>;

/** What a lane may use of this request, and what it has saved up before it does. */
export type Share = { lane: SharingLane; room: Room; credit: number };

/** Sync protocol, section 3, Schedule. */
export const LANE_WEIGHTS = { 1: 8, 2: 4, 3: 1 } as const satisfies Record<SharingLane, number>;

/** One part of a full request: room for one event of the mean size that fills events and bytes alike. */
const PART_BYTES = SYNC_WINDOW.bytes / SYNC_WINDOW.events;
/** A lane that found no room for its next event saves up; more than a whole request is never needed. */
const MOST_CREDIT = SYNC_WINDOW.events;

/**
 * Shares the rest of a request among the lanes by deficit round robin: each waiting lane is credited by its weight, uses its
 * credit as far as it has events, and what one leaves is free for the others. `credits` are in parts of a full request, as
 * `creditAfter` left them. Source: Shreedhar and Varghese, Efficient Fair Queuing using Deficit Round Robin, 1995.
 */
export function shareRoom(room: Room, waiting: readonly Waiting[], credits: ReadonlyMap<Lane, number>): Share[] {
  const parts = Math.max(0, Math.min(room.events, room.bytes / PART_BYTES));
  const weights = waiting.reduce((sum, { lane }) => sum + LANE_WEIGHTS[lane], 0);
  const claims = waiting.map((one) => {
    const credit = Math.min(MOST_CREDIT, (credits.get(one.lane) ?? 0) + (parts * LANE_WEIGHTS[one.lane]) / weights);
    return { lane: one.lane, credit, wanted: partsOf(one), granted: 0 };
  });
  let left = parts;
  // Whoever has saved up most goes first, so that a lane whose turn has come is not put off again by the heavier ones.
  for (const claim of claims.toSorted((a, b) => savings(b) - savings(a))) {
    // Parts of an event are left to those who can use them whole.
    claim.granted = Math.floor(Math.min(claim.wanted, claim.credit, left));
    left -= claim.granted;
  }
  for (const claim of claims) {
    const more = Math.min(claim.wanted - claim.granted, left);
    claim.granted += more;
    left -= more;
  }
  return claims.map(({ lane, credit, granted }) => ({ lane, credit, room: roomOf(granted) }));
}

/** What a lane has saved up after it has used so much; what nobody else wanted is not charged. */
export function creditAfter({ credit }: Pick<Share, 'credit'>, used: Room): number {
  return Math.max(0, credit - partsOf(used));
}

/** Credit by weight: the lightest lane with a full purse has waited longest. */
function savings({ lane, credit }: Pick<Share, 'lane' | 'credit'>): number {
  return credit / LANE_WEIGHTS[lane];
}

function partsOf({ events, bytes }: Room): number {
  return Math.max(events, bytes / PART_BYTES);
}

function roomOf(parts: number): Room {
  return { events: Math.floor(parts), bytes: Math.floor(parts * PART_BYTES) };
}
