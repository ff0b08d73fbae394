import type { HubEvent } from '../../contract/index.js';
import type { CloudContext } from '../context.js';

type Failed = Extract<HubEvent, { type: 'certificate.rotation-failed' }>['body'];

const MOST_WORDS = 200;
/** The form of our codes. Whatever else a hub says is counted as one, so that it cannot add series as it likes. */
const CODE = /^[a-z][a-z0-9-]{0,31}\.[a-z0-9-]{1,31}$/;

/** Counts that a hub could not renew its certificate, and names it to the operator: in the end it would be locked out. */
export function alarmOfFailedRotation(
  { metrics, log }: Pick<CloudContext, 'metrics' | 'log'>,
  hubId: string,
  { reason, step, code, message }: Failed,
): void {
  metrics.count('inklet_rotations_failed_total', { step, code: CODE.test(code) ? code : 'other' });
  const facts = { hubId, reason, step, code: code.slice(0, MOST_WORDS), words: message.slice(0, MOST_WORDS) };
  log.warn(facts, 'a hub could not renew its certificate');
}
