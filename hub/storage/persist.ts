import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { HubError } from '../errors.js';

/** What makes room: somebody frees the card, or the cloud takes events. */
const ROOM_MAY_COME = new Set(['storage.full', 'storage.failing', 'outbox.full']);
const REST_MS = 5000;

type PersistWithin = {
  clock: Pick<Clock, 'sleep'>;
  log: Logger;
  signal: AbortSignal;
  /** Done once before the first wait, which may be a long one. */
  beforeWait?: () => Promise<unknown>;
};

/**
 * Commits what has already happened, and tries again for as long as there is no room for it.
 * @throws the reason of the signal when it aborts, and what `commit` throws for other causes
 */
export async function persist<T>(commit: () => T, { clock, log, signal, beforeWait }: PersistWithin): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return commit();
    } catch (error) {
      if (!(error instanceof HubError) || !ROOM_MAY_COME.has(error.code)) throw error;
      if (failures === 0) {
        log.error({ err: error, code: error.code }, 'no room on the card; waiting for some');
        await beforeWait?.();
      }
      await clock.sleep(REST_MS, signal);
    }
  }
}
