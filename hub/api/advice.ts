import { refusalAdvice } from './refusal-advice.js';
import { ASK_THE_SELLER, ASKS_AGAIN, LAY_THE_TAG } from './sentences.js';

const WRONG_TAG = `The tag on the reader is not the one of this hub. ${LAY_THE_TAG}`;
const SILENT_TAG = `The tag on the reader holds nothing that the hub understands. ${LAY_THE_TAG}`;
const READER_AWAY = 'The hub does not reach its tag reader. It tries again by itself.';
const READER_OFF = 'The hub cannot use a tag reader: its PC/SC service does not run, or was not installed with it.';
const BREATHER = `The cloud has too much to do, or this hub asked too often. ${ASKS_AGAIN} Leave it alone for a while.`;
const CLOUD_ILL = `The cloud does not answer as it should. ${ASKS_AGAIN}`;
const LOST = `The connection to the cloud broke. ${ASKS_AGAIN}`;
const MISBEHAVES = `The cloud does not let this hub ask. ${ASKS_AGAIN} ${ASK_THE_SELLER}`;

/** What a person can do about it, by the code of the problem. */
const ADVICE: Readonly<Record<string, string>> = {
  'nfc.no-tag': LAY_THE_TAG,
  'nfc.read-failed': 'The tag cannot be read. Lay it flat on the middle of the reader, and leave it there.',
  'nfc.no-service': READER_OFF,
  'nfc.service-hangs': READER_AWAY,
  'nfc.no-reader': `The hub finds no tag reader. Plug it in. ${LAY_THE_TAG}`,
  'nfc.reader-busy': READER_AWAY,
  'nfc.reader-failed': READER_AWAY,
  'nfc.not-installed': READER_OFF,
  'nfc.several-tags': 'Tags lie on several readers. Leave the one that came with this hub.',
  'nfc.unsupported-tag': `What lies on the reader is not a tag that a hub can read. ${LAY_THE_TAG}`,
  'ndef.malformed': SILENT_TAG,
  'ndef.unsupported': SILENT_TAG,
  'ndef.too-long': SILENT_TAG,
  'tag.no-hw-id': `The tag on the reader is not a tag of a hub. ${LAY_THE_TAG}`,
  'tag.malformed': `The tag on the reader is damaged. ${LAY_THE_TAG}`,
  'tag.wrong-signature': `The tag on the reader was changed, or not made by us. ${LAY_THE_TAG}`,
  'tag.another-uid': `The tag on the reader is a copy. ${LAY_THE_TAG}`,
  'tag.unknown-version': 'The tag is newer than this hub knows. The hub needs an update.',
  'tag.unknown-key': `The tag was signed by nobody whom this hub knows. ${ASK_THE_SELLER}`,
  'tag.revoked-key': `The tag was signed with a key that is no longer good. ${ASK_THE_SELLER}`,
  'tag.batch-out-of-range': `The tag was signed by somebody who may not sign it. ${ASK_THE_SELLER}`,
  'claim.rejected': `The cloud could not take this hub. ${ASKS_AGAIN} ${ASK_THE_SELLER}`,
  'claim.another-tag': WRONG_TAG,
  'claim.no-tag': LAY_THE_TAG,
  'claim.no-certificate': `The hub lacks the certificate with which it may ask the cloud. ${ASK_THE_SELLER}`,
  'claim.certificate-refused': `The certificate with which this hub may ask the cloud is no longer good. ${ASK_THE_SELLER}`,
  'claim.template-unknown': `The cloud does not know how to set up a hub of this kind. ${ASK_THE_SELLER}`,
  'claim.token-refused': `Setting up took too long, and begins anew. ${ASKS_AGAIN}`,
  'claim.throttled': BREATHER,
  'claim.unavailable': CLOUD_ILL,
  'claim.no-answer': CLOUD_ILL,
  'claim.bad-answer': `${CLOUD_ILL} ${ASK_THE_SELLER}`,
  'link.clock-not-set': 'The clock of the hub is wrong. It sets itself by the internet: see that the hub has network.',
  'link.no-network': `The hub does not reach the cloud. Is it in the network, and does the network reach the internet? ${ASKS_AGAIN}`,
  'link.tls-refused':
    'Something in this network stands between the hub and the cloud, or the clock of the hub is wrong. ' +
    `A sign-in page of a guest network, a filter or a proxy can be the reason. ${ASKS_AGAIN}`,
  'link.refused': `The cloud no longer knows the certificate of this hub. ${ASKS_AGAIN} ${ASK_THE_SELLER}`,
  'link.throttled': BREATHER,
  'link.unavailable': CLOUD_ILL,
  'link.lost': LOST,
  'link.down': LOST,
  'link.taken-over': 'Another device says that it is this hub. If its card was copied, switch the copy off.',
  'link.not-allowed': MISBEHAVES,
  'link.bad-credentials': `The certificates on this hub are damaged. ${ASK_THE_SELLER}`,
  'rotation.new-pair-refused': `The cloud did not let the new certificate in. ${ASK_THE_SELLER}`,
  'rotation.not-connected': ASKS_AGAIN,
  'rotation.commit-refused': `The cloud did not take the new certificate. ${ASK_THE_SELLER}`,
  'rotation.failed': `The hub cannot write to its card. ${ASK_THE_SELLER}`,
  'link.no-client': 'The hub was told to use a library that does not run on it: set INKLET_MQTT_CLIENT to auto.',
  'outbox.full':
    'This hub has not reached the cloud for so long that it can keep nothing more for it, and takes nothing new. ' +
    'Give it back its network, and see that the network reaches the internet.',
  'store.damaged': `What the hub keeps about itself is damaged. ${ASK_THE_SELLER}`,
  'config.invalid': 'A setting of the hub is wrong; its log names it.',
};

const UNKNOWN = `Something went wrong that this page has no words for. ${ASKS_AGAIN}`;

/** A sentence or two for the household; `message` holds the cloud's reason where it refused the hub. */
export function adviceFor(code: string, message = ''): string {
  if (code === 'claim.refused') return refusalAdvice(message);
  return ADVICE[code] ?? (code.startsWith('socket.') ? READER_AWAY : UNKNOWN);
}
