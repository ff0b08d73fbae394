import type { Clock } from './clock.js';
import { CloudError } from './errors.js';

/**
 * Gives work its time and no more. What it has not finished by then it must not finish later: its signal says so.
 * @throws CloudError `processing_unavailable`
 */
export async function withinLimit<T>(
  clock: Pick<Clock, 'sleep'>,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  const limit = clock.sleep(limitMs, done.signal).then(() => {
    over.abort();
    throw new CloudError('processing_unavailable', `No answer within ${limitMs} ms; ask again.`);
  });
  try {
    return await Promise.race([work(over.signal), limit]);
  } finally {
    done.abort();
  }
}
