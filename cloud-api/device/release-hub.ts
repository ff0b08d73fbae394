import { and, eq } from 'drizzle-orm';
import type { Commands } from '../command/commands.js';
import type { Tx } from '../database/database.js';
import { releaseDisplays } from '../display/release.js';
import type { PresentationPort } from '../sync/presentation-port.js';
import { hub } from './tables.js';

/** Lets a hub leave its household, in the caller's transaction. */
export type Release = { release: (tx: Tx, hub: { hubId: string; householdId: string }) => Promise<boolean> };

/** Who is told that a hub has left its household. */
export type ToldOfRelease = {
  commands: Pick<Commands, 'withdrawAll' | 'enqueueCommand'>;
  presentations: Pick<PresentationPort, 'commandsChanged' | 'displaysReleased'>;
};

/**
 * Lets a hub go: its displays leave the household, what was on its way to it is withdrawn, and it is told. False if it
 * is not this household's.
 */
export async function releaseHub(
  tx: Tx,
  { commands, presentations }: ToldOfRelease,
  { hubId, householdId }: { hubId: string; householdId: string },
): Promise<boolean> {
  const released = await tx
    .update(hub)
    .set({ householdId: null, boundAt: null })
    .where(and(eq(hub.id, hubId), eq(hub.householdId, householdId)))
    .returning({ id: hub.id });
  if (released.length === 0) return false;
  const displayIds = await releaseDisplays(tx, hubId);
  const withdrawn = await commands.withdrawAll(tx, hubId);
  await presentations.commandsChanged(tx, { hubId, householdId }, withdrawn);
  await presentations.displaysReleased(tx, { hubId, householdId }, displayIds);
  const body = { reason: 'released' } as const;
  await commands.enqueueCommand(tx, { hubId, householdId: null, slot: 'claim', kind: 'unbound', body });
  return true;
}
