import assert from 'node:assert';
import { HardwareError, type NfcReader, Ntag } from '../../../hardware/index.js';
import { ProvisioningError } from '../../errors.js';
import type { SignerKeys } from '../../hw-id/index.js';
import { judgeTag, readTagContent, type SignedTag, type TagContent, writeSignedTag } from '../../signed-tag.js';
import type { HardwareRecord } from '../journal/entry.js';
import type { Journal } from '../journal/journal.js';
import type { Permit } from './permit.js';
import type { Signer } from './signer.js';

/** What is to become of a tag. */
export type TagWish = {
  keys: SignerKeys;
  /** Undefined: tags are verified only. */
  signer: Signer | undefined;
  model: number;
  batch: number;
  /** Left out: the one that the tag or the journal has, or else a random one. */
  hwId?: string | undefined;
  /** What a phone opens. */
  url: string;
  lock: boolean;
  /** Whether a tag that is ours already, or holds something else, is written over. */
  rewrite: boolean;
  /** Whether a tag that is ours already is as good as one that is made now. */
  takesOurs: boolean;
  box?: string | undefined;
};

export type TagDeps = {
  reader: NfcReader;
  journal: Journal;
  permit: Permit;
  randomBytes: (length: number) => Uint8Array;
  signal: AbortSignal;
};

export type SettledTag = { how: 'made' | 'finished' | 'verified'; record: HardwareRecord };

const HW_ID_BYTES = 10;

/**
 * Makes the tag on the reader what it should be, and notes each step in the journal before it counts: a blank one is made,
 * one of ours is verified, one that a kill or a hand interrupted is finished with the identity that it was to have.
 * @throws HardwareError `nfc.*`, `ndef.*`
 * @throws ProvisioningError `tag.*`, `work-order.*`, `tech.file-unwritable`
 */
export async function settleTag(wish: TagWish, deps: TagDeps): Promise<SettledTag> {
  const content = await contentOf(deps);
  const begun = deps.journal.byTag(content.uid);
  const isHalfDone = begun !== undefined && begun.writing === content.uid;
  if (content.kind === 'ours' && !wish.rewrite) {
    const tag = judgeTag(content.tag, wish.keys);
    if (!wish.takesOurs && !(isHalfDone && begun.hwId === tag.hwId)) {
      throw new ProvisioningError(
        'tag.already-ours',
        `the tag ${content.uid} is ${tag.hwId}; --rewrite writes it again`,
      );
    }
    return await finish(tag, content.isLocked, wish, deps);
  }
  if (wish.signer === undefined) throw new ProvisioningError('tag.no-hw-id', `the tag ${content.uid} is not ours`);
  if (content.kind !== 'blank' && content.kind !== 'ours' && !wish.rewrite && !isHalfDone) {
    throw new ProvisioningError('tag.not-blank', `the tag ${content.uid} holds something else; --rewrite destroys it`);
  }
  if (content.isLocked) throw new HardwareError('nfc.tag-locked', `the tag ${content.uid} is write-protected`);
  const before = content.kind === 'ours' ? identityOf(content.tag, wish.keys) : undefined;
  return await make(content.uid, begun?.hwId ?? before, wish.signer, wish, deps);
}

type Content = { uid: string; isLocked: boolean } & (
  | { kind: 'blank' | 'foreign' | 'garbage' }
  | { kind: 'ours'; tag: TagContent }
);

async function contentOf({ reader, signal }: TagDeps): Promise<Content> {
  try {
    const tag = await readTagContent(reader, signal);
    const { uid, locked: isLocked } = tag.info;
    if (tag.claim !== undefined) return { uid, isLocked, kind: 'ours', tag };
    return { uid, isLocked, kind: tag.records.every(({ kind }) => kind === 'empty') ? 'blank' : 'foreign' };
  } catch (error) {
    if (!(error instanceof HardwareError && error.code.startsWith('ndef.'))) throw error;
    const { uid, locked: isLocked } = await new Ntag({ reader }).info(signal);
    return { uid, isLocked, kind: 'garbage' };
  }
}

function identityOf(content: TagContent, keys: SignerKeys): string | undefined {
  try {
    return judgeTag(content, keys).hwId;
  } catch (error) {
    // A copy or a damaged tag has no identity that it could keep.
    if (error instanceof ProvisioningError) return undefined;
    throw error;
  }
}

async function finish(tag: SignedTag, isLocked: boolean, wish: TagWish, deps: TagDeps): Promise<SettledTag> {
  const { hwId, keyId, model, batch } = tag;
  const { tagUid } = tag.proof;
  const { journal, permit, reader, signal } = deps;
  requireOneIdentity(journal, tagUid, hwId);
  permit.require({ action: wish.takesOurs ? 'provision' : 'make-tag', hwId, batch });
  const before = journal.byHwId(hwId);
  const isBegun = before?.writing === tagUid;
  // A tag that was lifted while it was locked says that it is, and is not wholly.
  const mustLock = wish.lock && wish.signer !== undefined && (!isLocked || isBegun);
  if (mustLock) permit.require({ action: 'make-tag', hwId, batch });
  if (mustLock) await new Ntag({ reader, uid: tagUid }).lock(signal);
  const how = mustLock || isBegun ? 'finished' : 'verified';
  const identity = { tagUid, hwId, keyId, model, batch, ...boxOf(wish) };
  const record = await journal.append({ event: 'tagged', ...identity, how, locked: isLocked || mustLock });
  return { how, record: known(record) };
}

async function make(
  tagUid: string,
  before: string | undefined,
  { privateKey, keyId }: Signer,
  wish: TagWish,
  { journal, permit, reader, randomBytes, signal }: TagDeps,
): Promise<SettledTag> {
  const { model, batch, lock, url } = wish;
  const hwId = wish.hwId ?? before ?? Buffer.from(randomBytes(HW_ID_BYTES)).toString('hex');
  if (!wish.rewrite) requireOneIdentity(journal, tagUid, hwId);
  if (wish.takesOurs) permit.require({ action: 'provision', hwId, batch });
  permit.require({ action: 'make-tag', hwId, batch });
  const identity = { tagUid, hwId, keyId, model, batch, ...boxOf(wish) };
  await journal.append({ event: 'intended', ...identity });
  const payload = { keyId, hwId, model, batch };
  await writeSignedTag(reader, { privateKey, payload, url, lock, expectedUid: tagUid, signal });
  const record = await journal.append({ event: 'tagged', ...identity, how: 'made', locked: lock });
  return { how: 'made', record: known(record) };
}

function requireOneIdentity(journal: Journal, tagUid: string, hwId: string): void {
  const ofTag = journal.byTag(tagUid);
  if (ofTag !== undefined && ofTag.hwId !== hwId) {
    throw new ProvisioningError(
      'tag.second-identity',
      `the tag ${tagUid} is ${ofTag.hwId} in the journal, not ${hwId}`,
    );
  }
  const ofHwId = journal.byHwId(hwId);
  if (ofHwId !== undefined && ofHwId.tagUid !== tagUid && ofHwId.writing !== tagUid) {
    throw new ProvisioningError('tag.second-identity', `${hwId} is on the tag ${ofHwId.tagUid}, and not on ${tagUid}`);
  }
}

function boxOf({ box }: TagWish): { box?: string } {
  return box === undefined ? {} : { box };
}

function known(record: HardwareRecord | undefined): HardwareRecord {
  assert(record !== undefined, 'an entry about a tag makes a record');
  return record;
}
