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
  await link.use(next);
  for (let failures = 1; ; failures += 1) {
    const problem = await askToCommit(deps, next);
    if (problem === undefined) return undefined;
    const isRefused = problem.code === 'rotation.commit-refused';
    const isStuck = isRefused || (failures > 1 && !link.isConnected());
    if (isStuck && current !== undefined && (await canGoBack(deps, { isRefused, current, next }))) return problem;
    const waitMs = backOffMs(failures, random);
    const facts = { code: problem.code, reason: problem.message, failures, waitMs };
    if (failures === 1) log.warn(facts, 'next certificate not committed yet, both are kept');
    else log.debug(facts, 'next certificate not committed yet');
    await clock.sleep(waitMs, signal);
  }
}

async function askToCommit(deps: RotationDeps, next: HubIdentity): Promise<ProvisioningError | undefined> {
  const { cloud, keyStore, signal } = deps;
  const state = await keyStore.readState();
  const replaces = 'certificateId' in state ? state.certificateId : next.certificateId;
  return await problemOf(() => cloud.commit(next, replaces, signal), signal);
}

/**
 * Only what the cloud and the broker both still take is gone back to: an answer may have been lost, after which the old
 * certificate is no longer good whatever is said now. Leaves the hub's link on the pair that connects.
 */
async function canGoBack(
  deps: RotationDeps,
  { isRefused, current, next }: { isRefused: boolean; current: HubIdentity; next: HubIdentity },
): Promise<boolean> {
  const { broker, cloud, link, signal } = deps;
  const takesCurrent = isRefused && (await cloud.takes(current, signal).catch(() => false));
  signal?.throwIfAborted();
  if (isRefused && !takesCurrent) return false;
  await link.rest();
  const connects = async (pair: HubIdentity) =>
    (await problemOf(() => broker.verify(pair, signal), signal)) === undefined;
  const nextConnects = !takesCurrent && (await connects(next));
  const isCurrentBetter = !nextConnects && (await connects(current));
  await link.use(isCurrentBetter ? current : next);
  return takesCurrent && isCurrentBetter;
}

/** undefined when it worked. */
async function problemOf(
  work: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<ProvisioningError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ProvisioningError) return error;
    return new ProvisioningError('rotation.failed', String(error), { cause: error });
  }
}
