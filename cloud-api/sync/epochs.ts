import { and, inArray, isNull } from 'drizzle-orm';
import type { Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { hubEpoch } from './tables.js';

/** Where an epoch of a hub stands: its place in the order in which they were first seen, and whether it is still open. */
export type EpochPlace = { ord: number; open: boolean };

type Entry = { hubId: string; epoch: string };

/**
 * Finds the epochs of hubs, one each. The first request of a new one closes all before it. Source: sync protocol,
 * section 3 rule 5.
 */
export async function enterEpochs(tx: Tx, entries: readonly Entry[], now: Date): Promise<Map<string, EpochPlace>> {
  const hubIds = entries.map(({ hubId }) => hubId);
  const rows = await tx.select().from(hubEpoch).where(inArray(hubEpoch.hubId, hubIds));
  const places = new Map<string, EpochPlace>();
  const fresh: (Entry & { ord: number; openedAt: Date })[] = [];
  for (const { hubId, epoch } of entries) {
    const own = rows.filter((row) => row.hubId === hubId);
    const known = own.find((row) => row.epoch === epoch);
    const ord = known?.ord ?? Math.max(0, ...own.map((row) => row.ord)) + 1;
    places.set(hubId, { ord, open: known === undefined || known.closedAt === null });
    if (known === undefined) fresh.push({ hubId, epoch, ord, openedAt: now });
  }
  if (fresh.length > 0) await openEpochs(tx, fresh, now);
  return places;
}

async function openEpochs(
  tx: Tx,
  fresh: readonly (Entry & { ord: number; openedAt: Date })[],
  now: Date,
): Promise<void> {
  const hubIds = fresh.map(({ hubId }) => hubId);
  await tx
    .update(hubEpoch)
    .set({ closedAt: now })
    .where(and(inArray(hubEpoch.hubId, hubIds), isNull(hubEpoch.closedAt)));
  await tx.insert(hubEpoch).values([...fresh]);
  // A hub with a new store counts the revisions of its state from one again.
  await tx.update(hub).set({ stateRev: 0 }).where(inArray(hub.id, hubIds));
}
