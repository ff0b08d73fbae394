import type { GapReason, Lane } from '../../../contract/index.js';

/** A place that something had in an earlier epoch. */
export type Was = { readonly epoch: string; readonly from: number; readonly to: number };

/** A moment by the clocks of a hub. Source: sync protocol, section 5. */
export type Moment = {
  readonly boot: string;
  readonly monoMs: number;
  readonly wallMs: number;
  readonly wq: 0 | 1 | 2;
};

/** What `cmd.result` says. */
export type Result = {
  readonly cmd: string;
  readonly state: 'applied' | 'failed' | 'superseded' | 'expired' | 'unknown';
};

/** An event on a card; `hash` names it everywhere, as its id does. */
export type Row = Moment & {
  readonly hash: string;
  readonly seq: number;
  readonly was: readonly Was[];
  readonly poison: boolean;
  readonly result: Result | undefined;
  /** Left over where its neighbours were thinned out. */
  readonly isLeft: boolean;
};

export type Gap = {
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
  readonly was: readonly Was[];
};

export type Piece = { readonly row: Row; readonly gap?: undefined } | { readonly row?: undefined; readonly gap: Gap };

/** Up to where a lane is acknowledged, and the event there, if it is one. */
export type Cursor = { readonly seq: number; readonly id: string | null };

export type Cursors = Readonly<Record<Lane, Cursor>>;

/** The hub heard at `monoMs` a time that the cloud had at most `rttMs` before. */
export type Anchor = {
  readonly boot: string;
  readonly monoMs: number;
  readonly serverMs: number;
  readonly rttMs: number;
};

export type RegisterValue = { readonly key: string; readonly ver: number; readonly sup: number; readonly hash: string };

/** An epoch that the card has left, and how far it was acknowledged there. */
export type Left = { readonly epoch: string; readonly after: Cursors };

export type Request = {
  readonly kind: 'request';
  readonly name: string;
  readonly hub: string;
  /** The card that the reply goes to. */
  readonly card: string;
  readonly epoch: string;
  readonly boot: string;
  readonly monoNow: number;
  readonly after: Cursors;
  readonly pieces: Readonly<Record<Lane, readonly Piece[]>>;
  readonly regs: readonly RegisterValue[];
  readonly left: readonly Left[];
  readonly anchors: readonly Anchor[];
  readonly downGen: number;
  readonly downAcked: number;
};

/** A command on the wire, or a line in its place. */
export type Offer = {
  readonly gen: number;
  readonly cmd: string;
  readonly downSeq: number;
  readonly slot: string;
  readonly rev: number;
  readonly atMostOnce: boolean;
  readonly spanMs: number | null;
  readonly tombstone: 'superseded' | 'expired' | undefined;
};

export type Reply = {
  readonly kind: 'reply';
  readonly to: Request;
  readonly gen: number;
  readonly nowMs: number;
  readonly acks: Readonly<Record<Lane, number>>;
  readonly regAcks: readonly (readonly [string, number])[];
  readonly down: readonly Offer[];
  readonly finalUpto: number;
  readonly state: 'open' | 'E_FORK' | 'E_EPOCH_CLOSED';
};

/** A hint over MQTT. */
export type Push = { readonly kind: 'push'; readonly card: string; readonly offer: Offer };

export type Message = Request | Reply | Push;

export type InboxRow = Offer & {
  state: 'NEW' | 'STARTED' | 'DONE';
  attempts: number;
  result: Result['state'] | undefined;
  deadline: { readonly boot: string; readonly monoMs: number; readonly wallMs: number } | undefined;
};

export type LaneOnCard = {
  next: number;
  acked: Cursor;
  /** The highest number that was in a request of this epoch. */
  sent: number;
  rows: Row[];
  gaps: Gap[];
};

export type RegisterOnCard = { ver: number; sup: number; hash: string; dirty: boolean };

/** What a hub keeps on its card. */
export type Card = {
  epoch: string;
  lanes: Record<Lane, LaneOnCard>;
  regs: Map<string, RegisterOnCard>;
  ver: number;
  left: Left[];
  inbox: Map<string, InboxRow>;
  /** The newest revision of each slot that was ever here. */
  slots: Map<string, { gen: number; rev: number }>;
  gen: number;
  downAcked: number;
  anchors: Anchor[];
  isFull: boolean;
};

/** A command in the cloud. */
export type Command = Omit<Offer, 'spanMs' | 'tombstone' | 'gen'> & {
  readonly hub: string;
  readonly deadlineMs: number | null;
  readonly createdMs: number;
  state: 'QUEUED' | 'OFFERED' | 'RECEIVED' | 'APPLIED' | 'FAILED' | 'SUPERSEDED' | 'EXPIRED' | 'UNKNOWN';
};

/** A row of the cloud's `event`, or of its `dead`. */
export type StoredRow = {
  readonly hash: string;
  readonly isDead: boolean;
  readonly tsLo: number;
  readonly tsHi: number;
};

export type Stream = {
  readonly hub: string;
  readonly epoch: string;
  readonly lane: Lane;
  hwm: number;
  hwmId: string | null;
  /** No later event of it happened before this. */
  floorMs: number;
  readonly rows: Map<number, StoredRow>;
  readonly gaps: Gap[];
};

export type Epoch = { readonly epoch: string; ord: number; isClosed: boolean };

export type StoredRegister = {
  readonly ord: number;
  readonly epoch: string;
  readonly ver: number;
  readonly hash: string;
};

/** What of a hub is in the cloud's tables. */
export type HubRecord = {
  readonly streams: Map<string, Stream>;
  readonly epochs: Epoch[];
  readonly regs: Map<string, StoredRegister>;
  readonly commands: Command[];
  /** Of every row, whatever its place. */
  readonly hashes: Set<string>;
  /** Nothing of it happened before this. */
  readonly bornMs: number;
  /** Of each boot the pair that places it earliest: at `monoMs` of it, it was not later than `atMs`. */
  readonly pairs: Map<string, { monoMs: number; atMs: number }>;
  downNext: number;
};
