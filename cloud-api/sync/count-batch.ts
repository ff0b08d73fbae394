import type { CloudContext } from '../context.js';
import type { LaneWork, Visit } from './visit.js';

const REQUEST_BUCKETS = [1, 2, 4, 8, 16, 32, 64];
const SECOND_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MS_PER_S = 1000;

/** Counts what a batch has committed, and tells operators of what should not have happened. */
export function countBatch(
  { metrics, log }: Pick<CloudContext, 'metrics' | 'log'>,
  visits: readonly (Visit | undefined)[],
  tookMs: number,
): void {
  const answered = visits.flatMap((visit) => visit ?? []);
  metrics.count('inklet_sync_batches_total');
  metrics.observe('inklet_sync_batch_requests', REQUEST_BUCKETS, answered.length);
  metrics.observe('inklet_sync_commit_seconds', SECOND_BUCKETS, tookMs / MS_PER_S);
  for (const { reply, row, lanes } of answered) {
    const { thingName } = row;
    metrics.count('inklet_syncs_total', { epoch_state: reply.epochState });
    if (reply.epochState === 'E_FORK') {
      metrics.count('inklet_sync_forks_total');
      log.warn({ thingName }, 'two copies of one hub store are in use');
    }
    for (const work of lanes) countLane({ metrics, log }, thingName, work);
  }
}

function countLane(
  { metrics, log }: Pick<CloudContext, 'metrics' | 'log'>,
  thingName: string,
  { lane, verdicts, gaps, isHole, isRollback, after }: LaneWork,
): void {
  const labels = { lane: String(lane) };
  if (verdicts.length > 0) metrics.count('inklet_sync_events_total', labels, verdicts.length);
  if (isHole) metrics.count('inklet_sync_holes_total', labels);
  for (const verdict of verdicts) {
    if (verdict.kind === 'dead') metrics.count('inklet_sync_dead_total', { reason: verdict.reason });
  }
  for (const { reason, from, to } of gaps) {
    metrics.count('inklet_sync_gaps_total', { reason });
    metrics.count('inklet_sync_gap_events_total', { reason }, to - from + 1);
  }
  if (!isRollback) return;
  metrics.count('inklet_sync_rollbacks_total');
  log.error({ thingName, lane, upTo: after.hwm }, 'this store lacks events that it acknowledged');
}
