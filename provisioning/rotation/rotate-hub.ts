import type { RotationDeps } from './rotation-ports.js';
import type { RotationOrder, RotationOutcome } from './rotation-state.js';

/**
 * Gives an ACTIVE hub its next key and certificate, or goes on where that was interrupted, on whatever order it was begun.
 * The old pair stays until the cloud has taken the next one for good. Waits for the cloud, once there is a next pair that
 * connects, for as long as it takes.
 * @throws ProvisioningError `rotation.not-active`, `store.damaged`; the reason of the signal when it aborts
 */
export async function rotateHub(deps: RotationDeps, order: RotationOrder): Promise<RotationOutcome> {
  // Late: a hub needs it once a year.
  const { rotate } = await import('./rotate.js');
  return await rotate(deps, order);
}
