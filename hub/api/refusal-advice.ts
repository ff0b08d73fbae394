import { ASK_THE_SELLER, ASKS_AGAIN, LAY_THE_TAG } from './sentences.js';

const NOT_OURS = `The cloud does not take the tag of this hub. ${LAY_THE_TAG} ${ASK_THE_SELLER}`;
const NOT_LIKE_MADE = `The tag says other things about this hub than its maker noted. ${LAY_THE_TAG} ${ASK_THE_SELLER}`;
const TELL_THE_SELLER = 'Tell whoever gave you the hub.';

/** What a person can do, by the reason of the cloud's hook. AWS IoT tells devices none: then the last one holds. */
const ADVICE: Readonly<Record<string, string>> = {
  malformed: `The cloud cannot read what this hub says about itself. The hub needs an update. ${ASK_THE_SELLER}`,
  'unknown-version': `The tag is newer than the cloud knows. ${ASK_THE_SELLER}`,
  'unknown-key': NOT_OURS,
  'revoked-key': `The tag was signed with a key that is no longer good. ${TELL_THE_SELLER}`,
  'batch-out-of-range': NOT_OURS,
  'wrong-signature': NOT_OURS,
  'another-uid': `The tag on the reader is a copy. ${LAY_THE_TAG}`,
  'hw-id-mismatch': `The tag was changed while the hub was set up. ${LAY_THE_TAG}`,
  'unknown-hardware': `The cloud has not heard of this hub yet. ${ASKS_AGAIN} ${ASK_THE_SELLER}`,
  'tag-mismatch': `The tag on the reader is not the one that was made for this hub. ${LAY_THE_TAG}`,
  'batch-mismatch': NOT_LIKE_MADE,
  retired: `This hub was taken out of service. ${TELL_THE_SELLER}`,
  blocked: `This hub was reported lost or stolen. ${TELL_THE_SELLER}`,
  'not-a-claim-certificate': `The certificate with which this hub asks is another hub's own. ${TELL_THE_SELLER}`,
  'claim-certificate-mismatch': `The certificate with which this hub asks was made for others. ${TELL_THE_SELLER}`,
  'rate-limited': `This hub asked too often. ${ASKS_AGAIN} Leave it alone for an hour.`,
  'key-type': `The cloud does not take the key of this hub. The hub needs an update. ${TELL_THE_SELLER}`,
  'duplicate-key': `The card of this hub is a copy of another hub's. Begin with an empty card. ${TELL_THE_SELLER}`,
  'key-reused': `The cloud does not take a key twice. ${ASKS_AGAIN} ${ASK_THE_SELLER}`,
  'certificate-revoked': `The certificate of this hub was withdrawn. ${TELL_THE_SELLER}`,
  'certificate-not-live': `The certificate of this hub was replaced by another. ${TELL_THE_SELLER}`,
  'client-id-mismatch': `The cloud knows this hub by another name. ${TELL_THE_SELLER}`,
  'ticket-expired': 'The leave to set up this hub again was not used in time. Ask for it once more.',
  'already-provisioned':
    'This hub was set up before. To set it up again needs the leave of whoever gave it to you: ask there.',
};

const NO_REASON = `The cloud said no to this hub. ${ASKS_AGAIN} ${ASK_THE_SELLER}`;

/** A sentence or two for the household about a hub that the cloud does not take. */
export function refusalAdvice(reason: string): string {
  return ADVICE[reason] ?? NO_REASON;
}
