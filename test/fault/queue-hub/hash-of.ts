import { createHash } from 'node:crypto';

const DIGITS = 24;

/** Told once more, word for word, to a cloud that has lost it: each time it is an event of its own. */
const TOLD_AGAIN = 'cmd.result';

/** The name of an event everywhere, by its type and its body: on the hub and in the cloud's tables alike. */
export function hashOf(type: string, body: unknown, id: string | null = null): string {
  const own = type === TOLD_AGAIN ? id : '';
  return createHash('sha256')
    .update(`${type} ${JSON.stringify(body)} ${own}`)
    .digest('hex')
    .slice(0, DIGITS);
}
