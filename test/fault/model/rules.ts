import type { Lane } from '../../../contract/index.js';
import type {
  Card,
  Command,
  Cursor,
  Gap,
  HubRecord,
  InboxRow,
  LaneOnCard,
  Offer,
  Reply,
  Request,
  Row,
  Stream,
  Was,
} from './types.js';

/** The windows and limits of the model: as small as can be, so that they are met often. */
export const LIMITS = {
  window: 4,
  quota: { 0: 12, 1: 6, 2: 6, 3: 4 },
  /** Of the older half of lane 2 one of so many stays. */
  thinTo: 3,
  attempts: 3,
  offers: 3,
  ttlMs: 200_000,
  graceMs: 60_000,
  /** A wall clock that was compared is right by this, and trusted while it moves by no more. */
  trustMs: 5000,
  anchors: 8,
} as const;

/** Every decision of the protocol that a mutant makes otherwise. All are pure, or change only what they are given. */
export type Rules = {
  readonly hub: {
    readonly quota: (lane: Lane) => number;
    /** Nothing up to here may be dropped. */
    readonly dropFloor: (lane: LaneOnCard) => number;
    /** Those that may be dropped, in the order in which they are. */
    readonly dropOrder: (rows: readonly Row[]) => readonly Row[];
    readonly namesDrops: boolean;
    readonly isExpired: (row: Row, now: { boot: string; monoMs: number; wallMs: number; wq: 0 | 1 | 2 }) => boolean;
    readonly laneOrder: (turn: number) => readonly Lane[];
    /** How many of the rows in a request go with an acknowledgement. */
    readonly ackedUpTo: (lane: LaneOnCard, ack: number) => number;
    /** How much of an acknowledgement is about what was in the request. */
    readonly proven: (request: Request, lane: Lane, ack: number) => number;
    readonly isForeign: (lane: LaneOnCard, ack: number) => boolean;
    readonly isOfThisEpoch: (card: Card, reply: Reply) => boolean;
    readonly isOfOldGen: (card: Card, reply: Reply) => boolean;
    readonly clearsRegister: (ver: number, acked: number) => boolean;
    readonly countsOverwritten: boolean;
    readonly marksAllDirty: boolean;
    readonly restartsDown: boolean;
    readonly was: (row: readonly Was[], last: Was) => readonly Was[];
    readonly moved: (rows: readonly Row[]) => readonly Row[];
    /** Up to here a lane was in a request, as far as the next epoch is to know. */
    readonly sentBefore: (lane: LaneOnCard) => number;
    readonly takesNewEpoch: boolean;
    readonly namesLeft: boolean;
    readonly isDurable: boolean;
    readonly nextAfterOpen: (lane: LaneOnCard) => number;
    readonly freesFullDisk: boolean;
    readonly deletesBeforeReply: boolean;
    readonly namesUncommitted: boolean;
    readonly clockQuality: (honest: 0 | 1 | 2) => 0 | 1 | 2;
    readonly isHeld: (card: Card, offer: Offer) => boolean;
    readonly isKnown: (row: InboxRow | undefined) => boolean;
    readonly isOutdated: (newest: { gen: number; rev: number } | undefined, offer: Offer) => boolean;
    readonly supersedes: (older: InboxRow, newer: Offer) => boolean;
    readonly isOverdue: (
      row: InboxRow,
      now: { boot: string; monoMs: number; wallMs: number; wq: 0 | 1 | 2 },
    ) => boolean;
    readonly runsAgain: (row: InboxRow) => boolean;
    readonly tellsAgain: boolean;
    readonly endsWithResult: boolean;
    readonly resultFirst: boolean;
    readonly next: (waiting: readonly InboxRow[]) => InboxRow | undefined;
  };
  readonly cloud: {
    readonly isFork: (record: HubRecord, lane: Lane, request: Request) => boolean;
    readonly skips: (seq: number, hwm: number) => boolean;
    readonly mayStartAt: (first: number, hwm: number) => boolean;
    readonly closesOlder: boolean;
    readonly refusesClosed: boolean;
    readonly isCovered: (record: HubRecord, lane: Lane, row: Row) => boolean;
    readonly isGapCovered: (record: HubRecord, lane: Lane, gap: Gap, seq: number) => boolean;
    readonly fillsRollback: (stream: Stream, after: Cursor) => boolean;
    readonly renewsGen: boolean;
    readonly isNewerRegister: (
      known: { ord: number; ver: number } | undefined,
      given: { ord: number; ver: number },
    ) => boolean;
    readonly keepsPoison: boolean;
    readonly storesEvent: (row: Row) => boolean;
    readonly repliesBeforeCommit: boolean;
    readonly marksOutsideCommit: boolean;
    readonly acked: (hwm: number, sentTo: number) => number;
    readonly storesGaps: boolean;
    readonly gapReaches: (gap: Gap) => number;
    readonly leavesTombstones: boolean;
    readonly mayOfferAgain: (command: Command) => boolean;
    readonly takesLateResults: boolean;
    readonly spanMs: (deadlineMs: number, nowMs: number, createdMs: number) => number;
    readonly slackOfWallMs: number;
    readonly usesFloors: boolean;
    readonly usesAnchors: boolean;
    readonly asksDelay: boolean;
    readonly bodyOf: (row: Row) => string;
  };
};
