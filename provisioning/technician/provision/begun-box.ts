import { ProvisioningError } from '../../errors.js';
import type { Box } from './box.js';
import type { BoxFollower } from './box-follower.js';
import { stageOf } from './hub-stage.js';

/** What to say before the first tap: whoever begins a new box has to see that the old one is meant. */
export function standingWords(box: Pick<Box, 'name' | 'count' | 'hubs' | 'isFull'>): string {
  const { name, count, hubs } = box;
  const last = hubs.at(-1)?.record.tagged?.at;
  if (last === undefined) return `Lay the tag of one hub after the other on the reader; ${count} in all.`;
  if (box.isFull) return `The ${name} was full before, the last tag at ${last}: no tag is waited for.`;
  return `The ${name} was begun before: ${hubs.length} of ${count} tags are done, the last at ${last}; --box NAME begins another. Lay the next on the reader.`;
}

/**
 * Refuses a box of which nothing is left to do, where it was not asked for by its name: it is that of an earlier day.
 * @throws ProvisioningError `tech.box-full`
 */
export async function refuseDoneBox(
  box: Pick<Box, 'name' | 'count' | 'hubs' | 'isFull'>,
  follower: Pick<BoxFollower, 'round'> | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!box.isFull || box.hubs.some(({ record }) => record.registration.state !== 'registered')) return;
  await follower?.round(signal);
  if (follower !== undefined && box.hubs.some((hub) => stageOf(hub) !== 'online')) return;
  throw new ProvisioningError(
    'tech.box-full',
    `the ${box.name} has had its ${box.count} hubs before, and nothing is left to do; --box NAME begins another`,
  );
}
