import type { GapReason, Lane } from '../../../contract/index.js';
import type { History, Step } from './history.js';

type Place = { readonly hub: string; readonly epoch: string; readonly lane: Lane };

/** A row of the cloud's `event`: the hash of its body names it; between which two instants it happened. */
export type EventRow = Place & {
  readonly seq: number;
  readonly hash: string;
  readonly tsLo?: number;
  readonly tsHi?: number;
};

/** A row of the cloud's `dead`. */
export type DeadRow = Place & { readonly seq: number; readonly hash?: string };

export type GapRow = Place & { readonly from: number; readonly to: number; readonly reason: GapReason };

export type StreamRow = Place & { readonly hwm: number };

export type RegisterRow = {
  readonly hub: string;
  readonly key: string;
  readonly epoch: string;
  readonly ver: number;
  readonly hash: string;
};

export type CommandRow = { readonly hub: string; readonly cmd: string; readonly state: string };

/** What the cloud's tables hold once all is quiet. */
export type CloudState = {
  readonly events: readonly EventRow[];
  readonly dead: readonly DeadRow[];
  readonly gaps: readonly GapRow[];
  readonly streams: readonly StreamRow[];
  readonly registers: readonly RegisterRow[];
  /** Absent: what became of commands is judged by the history alone. */
  readonly commands?: readonly CommandRow[];
};

/** What a judgement goes by besides the history. */
export type Context = {
  /** Absent: the run did not end in quiet, and what only holds then is not judged. */
  readonly cloud?: CloudState;
  /** By how much an event's interval may miss the instant; 0 if absent. */
  readonly timeToleranceMs?: number;
  /** By how much an effect may begin after its deadline: what lies between the look at the clock and the line; 0 if absent. */
  readonly deadlineToleranceMs?: number;
  /** How long a message was under way, at most; absent: nobody knows, and what follows from it is not judged. */
  readonly longestWayMs?: number;
  /** Whether every damage to a card is noted: then nothing is corrupt on one that is not. */
  readonly isDamageNoted?: boolean;
  /** How soon a lane is empty with the link up: the cap of the back-off, and what a second drains. */
  readonly pace?: { readonly backoffCapMs: number; readonly eventsPerS: number };
};

/** What shows that a promise was broken, with the lines that show it. */
export type Finding = { readonly what: string; readonly evidence: readonly Step[] };

/** Judges one promise. */
export type Check = (history: History, context: Context) => Finding[];

/** A promise that was broken: the id of its invariant, and its sentence. */
export type Violation = Finding & { readonly id: string; readonly promise: string };
