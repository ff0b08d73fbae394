import { createHash } from 'node:crypto';

const DIGITS = 24;

/** The name of an event everywhere, by its type and its body: on the hub and in the cloud's tables alike. */
export function hashOf(type: string, body: unknown): string {
  return createHash('sha256')
    .update(`${type} ${JSON.stringify(body)}`)
    .digest('hex')
    .slice(0, DIGITS);
}
