import { z } from 'zod';
import { EpochSchema, LaneSchema, TimestampSchema } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { QueueReport, QueueState } from '../queue-report.js';
import { QUEUE_LIMITS } from '../storage/queue-limits.js';

const CountSchema = z.number().int().nonnegative();
const SecondsSchema = z.number().nonnegative();
const DroppedSchema = z.record(z.string(), CountSchema).describe('events given up, by reason; each is named in a gap');

/** What waits for the cloud, and what became of the rest; counters are since the queue was made. */
export const QueueViewSchema = z.object({
  state: z.enum(['alone', 'full', 'refused', 'offline', 'waiting', 'synced']),
  sentence: z.string().describe('the state for people'),
  epoch: EpochSchema.describe('names this life of the queue'),
  waiting: z.object({
    rows: CountSchema,
    bytes: CountSchema,
    oldestS: SecondsSchema.nullable().describe('age of the oldest, at least; null: nothing waits'),
  }),
  lanes: z.array(
    z.object({
      lane: LaneSchema,
      name: z.enum(['control', 'events', 'telemetry', 'bulk']),
      rows: CountSchema,
      bytes: CountSchema,
      limitBytes: CountSchema,
      oldestS: SecondsSchema.nullable(),
      acked: CountSchema.describe('the last sequence number that the cloud has'),
      nextSeq: CountSchema,
      enqueued: CountSchema,
      taken: CountSchema.describe('events that the cloud has'),
      dropped: DroppedSchema,
    }),
  ),
  enqueued: CountSchema,
  acked: CountSchema,
  dropped: DroppedSchema,
  superseded: CountSchema.describe('values overwritten before the cloud had them'),
  rejected: CountSchema.describe('the cloud has them and could not read them'),
  sync: z.object({
    lastSyncedAt: TimestampSchema.nullable(),
    nextTryAt: TimestampSchema.nullable().describe('null: at the next event, or by the interval'),
    failures: CountSchema.describe('in a row'),
    lastError: z.string().nullable(),
  }),
  card: z.object({
    freeBytes: CountSchema.nullable(),
    ballast: z
      .boolean()
      .describe('the room kept for a full card is there; false: the card was full and still is nearly so'),
  }),
  commits: z.object({
    count: CountSchema.describe('since the start'),
    p99Ms: z.number().positive().nullable().describe('99 of 100 took no longer; null: none yet, or too long to tell'),
  }),
});

export type QueueView = z.infer<typeof QueueViewSchema>;

const LANES = [
  { lane: 0, name: 'control' },
  { lane: 1, name: 'events' },
  { lane: 2, name: 'telemetry' },
  { lane: 3, name: 'bulk' },
] as const;

const SENTENCES: Readonly<Record<QueueState, string>> = {
  alone: 'This hub works without a cloud.',
  full: 'The hub keeps all that it can keep for the cloud, and takes nothing new. It must reach the internet.',
  refused: 'The cloud does not take what this hub says. The hub keeps it and asks again.',
  offline: 'The cloud is not reached. The hub keeps everything for it and tries again by itself.',
  waiting: 'The hub is telling the cloud what happened.',
  synced: 'The cloud knows everything that happened here.',
};

export function queueView(report: QueueReport): QueueView {
  const { state, epoch, figures, freeBytes, lastSyncedMs, sync, commits } = report;
  const { enqueued, acked, superseded, rejected } = figures;
  const lanes = LANES.map(({ lane, name }) => {
    const { oldestMs, dropped, ...its } = figures.lanes[lane];
    return {
      lane,
      name,
      ...its,
      limitBytes: QUEUE_LIMITS[lane].bytes,
      oldestS: secondsOf(oldestMs),
      dropped: counts(dropped),
    };
  });
  const p99S = commits.quantileS(0.99);
  return {
    state,
    sentence: SENTENCES[state],
    epoch,
    waiting: {
      rows: lanes.reduce((sum, { rows }) => sum + rows, 0),
      bytes: lanes.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestS: lanes.reduce<number | null>(
        (most, { oldestS }) => (oldestS === null ? most : Math.max(most ?? 0, oldestS)),
        null,
      ),
    },
    lanes,
    enqueued,
    acked,
    dropped: counts(figures.dropped),
    superseded,
    rejected,
    sync: {
      lastSyncedAt: toTime(lastSyncedMs),
      nextTryAt: toTime(sync?.nextTryMs),
      failures: sync?.failures ?? 0,
      lastError: sync?.lastError ?? null,
    },
    card: { freeBytes, ballast: report.hasBallast },
    commits: { count: commits.count, p99Ms: p99S === undefined || !Number.isFinite(p99S) ? null : p99S * 1000 },
  };
}

function counts(dropped: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(Object.entries(dropped).map(([reason, count]) => [reason, count ?? 0]));
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : timestamp(ms);
}
