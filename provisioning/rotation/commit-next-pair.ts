import { ProvisioningError } from '../errors.js';
import { backOffMs } from '../fleet/back-off.js';
import type { HubIdentity } from '../fleet/key-store.js';
import type { RotationDeps } from './rotation-ports.js';

/**
 * Asks the cloud to take the next pair for good, for as long as it is not known whether it has: until then either pair may
 * be the one that works, and neither is given up. Gives the refusal that leads back to the hub's own pair, or undefined
 * when the cloud has taken the next one.
 * @throws the reason of the signal when it aborts
 */
export async function commitNextPair(deps: RotationDeps): Promise<ProvisioningError | undefined> {
  const { clock, keyStore, link, log, random, signal } = deps;
  const { current, next } = await keyStore.pairs();
  if (next === undefined) return new ProvisioningError('rotation.failed', 'the next pair cannot be read');
  for (let failures = 1; ; failures += 1) {
    const problem = await askToCommit(deps, next);
    if (problem === undefined) return undefined;
    if (current !== undefined && problem.code === 'rotation.commit-refused') {
      if (await canGoBack(deps, current)) return problem;
    } else if (current !== undefined && !link.isConnected()) {
      await link.moveTo(link.pair.certificateId === next.certificateId ? current : next);
    }
    const waitMs = backOffMs(problem.code, failures, random);
    const facts = { code: problem.code, reason: problem.message, failures, waitMs };
    if (failures === 1) log.warn(facts, 'next certificate not committed yet, both are kept');
    else log.debug(facts, 'next certificate not committed yet');
    await clock.sleep(waitMs, signal);
  }
}

/** undefined when it worked. */
async function askToCommit(
  { cloud, keyStore, signal }: RotationDeps,
  next: HubIdentity,
): Promise<ProvisioningError | undefined> {
  const state = await keyStore.readState();
  const replaces = 'certificateId' in state ? state.certificateId : next.certificateId;
  try {
    await cloud.commit(next, replaces, signal);
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ProvisioningError) return error;
    return new ProvisioningError('rotation.failed', String(error), { cause: error });
  }
}

/**
 * Only to what the cloud and the broker both still take: an answer may have been lost, after which the old certificate is no
 * longer good whatever is said now.
 */
async function canGoBack({ cloud, link, signal }: RotationDeps, current: HubIdentity): Promise<boolean> {
  const isTaken = await cloud.takes(current, signal).catch(() => false);
  signal?.throwIfAborted();
  return isTaken && (await link.moveTo(current)).ok;
}
