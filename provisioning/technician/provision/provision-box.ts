import { HardwareError } from '../../../hardware/index.js';
import { ProvisioningError } from '../../errors.js';
import type { Output } from '../output.js';
import { settleTag, type TagDeps, type TagWish } from '../tags/settle-tag.js';
import type { Box } from './box.js';
import type { BoxFollower } from './box-follower.js';
import type { TagQueue } from './next-tag.js';

export type ProvisionBoxDeps = {
  box: Box;
  wish: TagWish;
  tag: TagDeps;
  tags: Pick<TagQueue, 'next'>;
  follower: Pick<BoxFollower, 'wake'> | undefined;
  output: Output;
};

/** What a new tag does not help against. */
const ENDS_THE_BOX = /^tech\./;

/**
 * Takes one tag after the other until the box is full. A tag that is refused is told, and the next one taken.
 * @throws ProvisioningError `tech.file-unwritable`, or the signal's reason
 */
export async function provisionBox({ box, wish, tag, tags, follower, output }: ProvisionBoxDeps): Promise<number> {
  let refused = 0;
  while (!box.isFull) {
    const uid = await tags.next(tag.signal);
    const before = box.hubs.find(({ record }) => record.tagUid === uid);
    try {
      await settleTag(wish, tag);
    } catch (error) {
      if (!isOfOneTag(error, tag.signal)) throw error;
      refused += 1;
      output.failure(error.code, `tag ${uid}: ${error.message}`);
      continue;
    }
    if (before !== undefined) output.aside(`The tag ${uid} is hub ${before.number} of this box already.`);
    box.tell();
    follower?.wake();
  }
  return refused;
}

function isOfOneTag(error: unknown, signal: AbortSignal): error is HardwareError | ProvisioningError {
  if (signal.aborted) return false;
  return error instanceof HardwareError || (error instanceof ProvisioningError && !ENDS_THE_BOX.test(error.code));
}
