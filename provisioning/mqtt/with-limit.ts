import type { Clock } from '../../hardware/index.js';
import type { ProvisioningError } from '../errors.js';

/** Waits for `work` at most so long: then throws `failure()`, or the signal's reason when that aborts first. */
export async function withLimit<T>(
  work: Promise<T>,
  {
    clock,
    limitMs,
    failure,
    signal,
  }: {
    clock: Pick<Clock, 'sleep'>;
    limitMs: number;
    failure: () => ProvisioningError;
    signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const settled = new AbortController();
  const over = signal === undefined ? settled.signal : AbortSignal.any([settled.signal, signal]);
  const limit = clock.sleep(limitMs, over).then(() => {
    throw failure();
  });
  // Whoever loses the race may still reject, long after anybody listens.
  limit.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, limit]);
  } finally {
    settled.abort();
  }
}
