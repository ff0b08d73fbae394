import type { QueueReport } from '../queue-report.js';
import type { LaneFigures } from '../storage/queue-figures.js';
import type { CommitTimes } from './commit-times.js';
import { exposition, type Family } from './exposition.js';

/** The queue, the card and the exchange for Prometheus. `nowMs` is the wall clock. */
export function queueMetrics(report: QueueReport, nowMs: number): string {
  return exposition([...laneFamilies(report), ...queueFamilies(report), ...syncFamilies(report, nowMs)]);
}

function laneFamilies({ figures }: QueueReport): Family[] {
  const lanes = Object.entries(figures.lanes);
  const of = (value: (lane: LaneFigures) => number | null) =>
    lanes.flatMap(([lane, its]) => {
      const is = value(its);
      return is === null ? [] : [{ labels: { lane }, value: is }];
    });
  const dropped = lanes.flatMap(([lane, its]) =>
    Object.entries(its.dropped).map(([reason, value]) => ({ labels: { lane, reason }, value })),
  );
  return [
    counter(
      'enqueued_total',
      'Events accepted since the queue was made.',
      of(({ enqueued }) => enqueued),
    ),
    counter(
      'acked_total',
      'Events that the cloud has.',
      of(({ taken }) => taken),
    ),
    counter('dropped_total', 'Events given up, each named in a gap.', dropped),
    gauge(
      'rows',
      'Events that wait.',
      of(({ rows }) => rows),
    ),
    gauge(
      'bytes',
      'Bytes that they take.',
      of(({ bytes }) => bytes),
    ),
    gauge(
      'oldest_seconds',
      'Age of the oldest, at least.',
      of(({ oldestMs }) => (oldestMs === null ? null : oldestMs / 1000)),
    ),
  ];
}

function queueFamilies({ figures, freeBytes, commits }: QueueReport): Family[] {
  return [
    counter('rejected_total', 'Events that the cloud could not read and keeps as they are.', [
      { value: figures.rejected },
    ]),
    counter('superseded_total', 'Values overwritten before the cloud had them.', [{ value: figures.superseded }]),
    {
      name: 'inklet_hub_commit_seconds',
      type: 'histogram',
      help: 'Duration of commits.',
      samples: commitSamples(commits),
    },
    {
      name: 'inklet_hub_disk_free_bytes',
      type: 'gauge',
      help: 'Room on the card.',
      samples: freeBytes === null ? [] : [{ value: freeBytes }],
    },
  ];
}

function syncFamilies({ lastSyncedMs, sync, link }: QueueReport, nowMs: number): Family[] {
  const outcomes = [...(sync?.outcomes ?? [])].map(([outcome, value]) => ({ labels: { outcome }, value }));
  const ageS = lastSyncedMs === undefined ? undefined : Math.max(0, (nowMs - lastSyncedMs) / 1000);
  return [
    {
      name: 'inklet_hub_sync_exchanges_total',
      type: 'counter',
      help: 'Exchanges with the cloud since the start, by how they ended.',
      samples: outcomes,
    },
    {
      name: 'inklet_hub_sync_last_ack_age_seconds',
      type: 'gauge',
      help: 'Since the cloud answered last.',
      samples: ageS === undefined ? [] : [{ value: ageS }],
    },
    {
      name: 'inklet_hub_link_up',
      type: 'gauge',
      help: 'Whether the hub is connected by MQTT.',
      samples: link === undefined ? [] : [{ value: link.connected ? 1 : 0 }],
    },
  ];
}

function commitSamples(commits: CommitTimes): Family['samples'] {
  const buckets = commits.cumulative().map(({ boundS, count }) => ({ labels: { le: boundS }, value: count }));
  return [
    ...buckets.map((bucket) => ({ suffix: '_bucket', ...bucket })),
    { suffix: '_bucket', labels: { le: '+Inf' }, value: commits.count },
    { suffix: '_sum', value: commits.sumS },
    { suffix: '_count', value: commits.count },
  ];
}

function counter(name: string, help: string, samples: Family['samples']): Family {
  return { name: `inklet_hub_queue_${name}`, type: 'counter', help, samples };
}

function gauge(name: string, help: string, samples: Family['samples']): Family {
  return { name: `inklet_hub_queue_${name}`, type: 'gauge', help, samples };
}
