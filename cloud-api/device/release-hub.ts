import { and, eq } from 'drizzle-orm';
import type { Bindings } from '../binding/bindings.js';
import type { Tx } from '../database/database.js';
import { hub } from './tables.js';

/** Lets a hub leave its household, in the caller's transaction. */
export type Release = { release: (tx: Tx, left: { hubId: string; householdId: string }) => Promise<void> };

/** Who keeps which hub is whose. */
export type LetsGo = Pick<Bindings, 'release' | 'sendUnbound'>;

/** Takes a hub out of its household for good and tells it; one that has left meanwhile is left alone. */
export function releaseBy(bindings: LetsGo): Release['release'] {
  return async (tx, { hubId, householdId }) => {
    const isTheirs = and(eq(hub.id, hubId), eq(hub.householdId, householdId));
    const [row] = await tx.select({ id: hub.id }).from(hub).where(isTheirs).for('update');
    if (row === undefined) return;
    await bindings.release(tx, hubId, householdId);
    await bindings.sendUnbound(tx, hubId);
  };
}
