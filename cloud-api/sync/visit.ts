import type { Gap, HubEvent, Lane, SyncEvent, SyncReply } from '../../contract/index.js';
import type { hub } from '../device/tables.js';
import type { EpochPlace } from './epochs.js';
import type { HeldEvent, HeldGap } from './held-events.js';
import type { Cursor } from './lane-plan.js';
import type { SyncInput } from './sync-input.js';

export const LANES = [0, 1, 2, 3] as const satisfies readonly Lane[];

export type HubRow = typeof hub.$inferSelect;

/** A request of a hub, and when it arrived by our clock. */
export type SyncJob = { hubId: string; input: SyncInput; receivedAtMs: number };

/** Where a lane stands, and what is known of the event there. */
export type Mark = Cursor & { lastBoot: string | null; lastLo: Date | null };

/** Why an event is a dead letter. */
export type DeadReason = 'event.malformed' | 'event.too-deep' | 'event.invalid-body' | 'event.refused';

/** What an event turned out to be. `news` is absent where the type or its version is not known here. */
export type Verdict =
  | { kind: 'event'; seq: number; event: SyncEvent; news: HubEvent | undefined; raw: unknown }
  | { kind: 'covered'; seq: number }
  | { kind: 'dead'; seq: number; reason: DeadReason; raw: unknown };

/** What a request brings about in one lane. */
export type LaneWork = {
  lane: Lane;
  before: Mark;
  after: Mark;
  verdicts: Verdict[];
  /** To be stored; `epoch` is another one where it came to light that an earlier epoch lacks something. */
  gaps: (Gap & { epoch: string })[];
  isHole: boolean;
  isRollback: boolean;
};

/** One hub's request in a batch, and what comes of it. */
export type Visit = {
  job: SyncJob;
  row: HubRow;
  epoch: EpochPlace;
  /** How far each stream of the hub is, by `streamKey`. */
  marks: ReadonlyMap<string, Mark>;
  /** What is stored at the earlier places of events that were moved, and of what comes again, by `placeKey`. */
  held: Map<string, HeldEvent>;
  /** The gaps that are stored at and around those places. */
  heldGaps: HeldGap[];
  /** Whether a gap of the request lies over events that are stored under the same numbers. */
  hidesEvents: boolean;
  lanes: LaneWork[];
  reply: SyncReply;
};

/** A visit, as far as reading what is stored already needs it. */
export type Asking = Pick<Visit, 'marks' | 'held' | 'heldGaps' | 'hidesEvents'> & {
  job: { input: SyncInput };
  row: Pick<HubRow, 'id'>;
};

export function streamKey(epoch: string, lane: number): string {
  return `${epoch} ${lane}`;
}

/** How far a stream of an earlier epoch got; all but the one that is open are closed. */
export function closedMark(
  { marks, job }: Pick<Visit, 'marks'> & { job: { input: Pick<SyncInput, 'epoch'> } },
  { epoch, lane }: { epoch: string; lane: number },
): number {
  return epoch === job.input.epoch ? 0 : (marks.get(streamKey(epoch, lane))?.hwm ?? 0);
}
