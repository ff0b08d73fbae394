import type { LinkState } from './cloud-link/cloud-link.js';
import type { CommitTimes } from './metrics/commit-times.js';
import type { Ballast } from './storage/ballast.js';
import type { Meta } from './storage/meta.js';
import type { Outbox } from './storage/outbox.js';
import type { QueueFigures } from './storage/queue-figures.js';
import { REFUSALS, type SyncStatus } from './sync/sync-record.js';

/**
 * alone: this hub is meant to work without a cloud · full: it takes nothing new · refused: the cloud does not want what it
 * says · offline: the cloud is not reached · waiting: something is on its way · synced: the cloud has everything.
 */
export type QueueState = 'alone' | 'full' | 'refused' | 'offline' | 'waiting' | 'synced';

/** How the queue, the card and the exchange are at one moment. Times are wall clock, in milliseconds. */
export type QueueReport = {
  state: QueueState;
  epoch: string;
  figures: QueueFigures;
  freeBytes: number | null;
  /** The room that is kept for a full card is there. */
  hasBallast: boolean;
  lastSyncedMs: number | undefined;
  sync: SyncStatus | undefined;
  link: Pick<LinkState, 'connected'> | undefined;
  commits: CommitTimes;
};

/** Where it comes from. */
export type QueueSources = {
  outbox: Pick<Outbox, 'epoch' | 'figures' | 'hasRoom'>;
  meta: Pick<Meta, 'get'>;
  ballast: Pick<Ballast, 'isKept'>;
  freeBytes: () => Promise<number | null>;
  commits: CommitTimes;
  /** Whether there is meant to be a cloud. */
  hasCloud: boolean;
  /** Why the hub, though it has its identity, cannot work with the cloud. */
  isRefused: () => boolean;
  /** undefined: it has not been joined yet. */
  cloud: () => { syncStatus(): SyncStatus; link(): LinkState } | undefined;
};

export async function queueReport(from: QueueSources): Promise<QueueReport> {
  const [freeBytes, hasBallast] = await Promise.all([from.freeBytes(), from.ballast.isKept()]);
  const cloud = from.cloud();
  const figures = from.outbox.figures();
  const sync = cloud?.syncStatus();
  const synced = from.meta.get('synced_at');
  return {
    state: stateOf(from, figures, sync),
    epoch: from.outbox.epoch,
    figures,
    freeBytes,
    hasBallast,
    // What is on disk is of an earlier run, or some minutes old.
    lastSyncedMs: sync?.lastSuccessMs ?? (synced === undefined ? undefined : Date.parse(synced)),
    sync,
    link: cloud?.link(),
    commits: from.commits,
  };
}

function stateOf(
  { outbox, hasCloud, isRefused }: QueueSources,
  { lanes }: QueueFigures,
  sync: SyncStatus | undefined,
): QueueState {
  if (!hasCloud) return 'alone';
  if (!outbox.hasRoom()) return 'full';
  if (isRefused() || REFUSALS.has(sync?.lastError ?? '')) return 'refused';
  if (sync === undefined || sync.failures > 0) return 'offline';
  const isWaiting = Object.values(lanes).some(({ rows }) => rows > 0);
  return isWaiting || sync.lastSuccessMs === undefined ? 'waiting' : 'synced';
}
