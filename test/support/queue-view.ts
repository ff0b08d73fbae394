import type { QueueView } from '../../hub/api/queue-view.js';

/** The queue of a hub to which nothing has happened yet. */
export const A_QUEUE: QueueView = {
  state: 'synced',
  sentence: 'The cloud knows everything that happened here.',
  epoch: '0'.repeat(32),
  waiting: { rows: 0, bytes: 0, oldestS: null },
  lanes: [],
  enqueued: 0,
  acked: 0,
  dropped: {},
  superseded: 0,
  rejected: 0,
  sync: { lastSyncedAt: null, nextTryAt: null, failures: 0, lastError: null },
  card: { freeBytes: null, ballast: true },
  commits: { count: 0, p99Ms: null },
};
