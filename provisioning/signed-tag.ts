import { createPublicKey, type KeyObject } from 'node:crypto';
import { type NdefRecord, type NfcReader, Ntag, type NtagInfo } from '../hardware/index.js';
import { ProvisioningError, type ProvisioningErrorCode } from './errors.js';
import {
  HW_ID_PAYLOAD_BYTES,
  type HwIdPayload,
  type HwIdProof,
  type HwIdRefusal,
  landingLink,
  type SignerKeys,
  signHwId,
  verifyHwId,
} from './hw-id/index.js';

/** A hardware id as its tag proves it. */
export interface SignedTag extends HwIdPayload {
  /** What to send to the cloud. */
  readonly proof: HwIdProof;
}

/** The type of the NDEF record that carries payload, signature and the UID that was signed. */
const RECORD_TYPE = 'inklet.app:h';
const SIGNATURE_BYTES = 64;
const UID_BYTES = 7;

const CODES: Record<HwIdRefusal, ProvisioningErrorCode> = {
  malformed: 'tag.malformed',
  'unknown-version': 'tag.unknown-version',
  'unknown-key': 'tag.unknown-key',
  'revoked-key': 'tag.revoked-key',
  'batch-out-of-range': 'tag.batch-out-of-range',
  'wrong-signature': 'tag.wrong-signature',
};

/**
 * Makes a blank NTAG21x the name plate of a piece of hardware: signs for its UID, writes hardware id and landing page,
 * reads both back as a hub would, and on request protects the tag for ever.
 * @throws HardwareError `nfc.*`, `ndef.*`
 * @throws ProvisioningError `hw-id.out-of-range`, `tag.exchanged`, `tag.*` if the tag does not prove what was written
 */
export async function writeSignedTag(
  reader: NfcReader,
  {
    privateKey,
    payload,
    url,
    lock,
    expectedUid,
    signal,
  }: {
    /** Ed25519. */
    privateKey: KeyObject;
    payload: HwIdPayload;
    /** The page that a phone opens, to which the public handle is appended: on an NTAG213 at most 14 bytes behind `https://`. */
    url: string;
    lock: boolean;
    /** The tag that is meant, where it was read before. */
    expectedUid?: string | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<SignedTag> {
  const { uid } = await new Ntag({ reader }).info(signal);
  if (expectedUid !== undefined && uid !== expectedUid) {
    throw new ProvisioningError('tag.exchanged', `the tag ${expectedUid} was read, and ${uid} lies on the reader`);
  }
  const ntag = new Ntag({ reader, uid });
  const proof = signHwId({ payload, tagUid: uid, privateKey });
  const bytes = Buffer.concat([
    Buffer.from(proof.payload, 'base64url'),
    Buffer.from(proof.hwSig, 'base64url'),
    Buffer.from(uid, 'hex'),
  ]);
  await ntag.writeNdef(
    [
      { kind: 'external', type: RECORD_TYPE, payload: Uint8Array.from(bytes) },
      { kind: 'uri', uri: landingLink(url, payload.hwId) },
    ],
    signal,
  );
  const keys = allowListOf(privateKey, payload);
  const written = await readBack(reader, { keys, uid, signal });
  if (!lock) return written;
  await ntag.lock(signal);
  return await readBack(reader, { keys, uid, signal });
}

/** Another tag of the same key would prove itself just as well. */
async function readBack(
  reader: NfcReader,
  { keys, uid, signal }: { keys: SignerKeys; uid: string; signal: AbortSignal | undefined },
): Promise<SignedTag> {
  const content = await readTagContent(reader, signal);
  if (content.info.uid !== uid) {
    throw new ProvisioningError(
      'tag.exchanged',
      `the tag ${uid} was written, and ${content.info.uid} lies on the reader`,
    );
  }
  return judgeTag(content, keys);
}

/** What lies on the reader: the chip, its records, and what it says of its hardware id, which nobody has checked yet. */
export interface TagContent {
  readonly info: NtagInfo;
  readonly records: readonly NdefRecord[];
  /** Undefined where no record is of our type. */
  readonly claim?: { readonly proof: HwIdProof; readonly signedUid: string };
}

/**
 * Reads a tag without judging it.
 * @throws HardwareError `nfc.no-tag`, `nfc.unsupported-tag`, `nfc.read-failed`, `ndef.*` for garbage
 */
export async function readTagContent(reader: NfcReader, signal?: AbortSignal): Promise<TagContent> {
  const info = await new Ntag({ reader }).info(signal);
  const records = await new Ntag({ reader, uid: info.uid }).readNdef(signal);
  const record = records.find((candidate) => candidate.kind === 'external' && candidate.type === RECORD_TYPE);
  if (record?.kind !== 'external') return { info, records };
  const bytes = Buffer.from(record.payload);
  const signatureEnd = HW_ID_PAYLOAD_BYTES + SIGNATURE_BYTES;
  const proof: HwIdProof = {
    payload: bytes.toString('base64url', 0, HW_ID_PAYLOAD_BYTES),
    hwSig: bytes.toString('base64url', HW_ID_PAYLOAD_BYTES, signatureEnd),
    tagUid: info.uid,
  };
  return { info, records, claim: { proof, signedUid: bytes.toString('hex', signatureEnd, signatureEnd + UID_BYTES) } };
}

/**
 * Checks against the allow list what was read from a tag.
 * @throws ProvisioningError `tag.*`
 */
export function judgeTag({ info, records, claim }: TagContent, keys: SignerKeys): SignedTag {
  if (claim === undefined) {
    throw new ProvisioningError('tag.no-hw-id', `none of the ${records.length} records on the tag is ${RECORD_TYPE}`);
  }
  const { proof, signedUid } = claim;
  const verdict = verifyHwId(proof, keys);
  if (verdict.ok) {
    const { hwId, model, batch, keyId } = verdict;
    return { hwId, model, batch, keyId, proof };
  }
  // The stored UID is only a hint for people: it tells a copied tag from a damaged one.
  if (verdict.reason === 'wrong-signature' && verifyHwId({ ...proof, tagUid: signedUid }, keys).ok) {
    throw new ProvisioningError('tag.another-uid', `signed for the tag ${signedUid}, read from the tag ${info.uid}`);
  }
  throw new ProvisioningError(
    CODES[verdict.reason],
    `the hardware id on the tag ${info.uid} is refused: ${verdict.reason}`,
  );
}

/**
 * Reads the hardware id from the tag on the reader and checks it against the allow list.
 * @throws HardwareError as {@link readTagContent}
 * @throws ProvisioningError as {@link judgeTag}
 */
export async function readSignedTag(
  reader: NfcReader,
  { keys, signal }: { keys: SignerKeys; signal?: AbortSignal | undefined },
): Promise<SignedTag> {
  return judgeTag(await readTagContent(reader, signal), keys);
}

function allowListOf(privateKey: KeyObject, { keyId, batch }: HwIdPayload): SignerKeys {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { keys: [{ keyId, publicKey: x, batches: [{ from: batch, to: batch }], revoked: false }] };
}
