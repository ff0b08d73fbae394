import { and, inArray, isNull } from 'drizzle-orm';
import { MOST_LEFT_EPOCHS } from '../../contract/index.js';
import type { Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { hubEpoch } from './tables.js';

/** Where an epoch of a hub stands: its place in the order in which they were first seen, and whether it is still open. */
export type EpochPlace = { ord: number; open: boolean };

/** The epoch that a hub sends from, and those that it has left. */
type Entry = { hubId: string; epoch: string; left: readonly string[] };
type Fresh = typeof hubEpoch.$inferInsert;

/**
 * Finds the epochs of hubs, one each. The first request of a new one closes all before it, and those that its hub has
 * left, of which nothing may have come yet. Source: sync protocol, section 3 rule 5.
 */
export async function enterEpochs(tx: Tx, entries: readonly Entry[], now: Date): Promise<Map<string, EpochPlace>> {
  const hubIds = entries.map(({ hubId }) => hubId);
  const rows = await tx.select().from(hubEpoch).where(inArray(hubEpoch.hubId, hubIds));
  const places = new Map<string, EpochPlace>();
  const left: Fresh[] = [];
  const opened: Fresh[] = [];
  for (const entry of entries) {
    const { hubId, epoch } = entry;
    const own = rows.filter((row) => row.hubId === hubId);
    const known = own.find((row) => row.epoch === epoch);
    const open = known === undefined || known.closedAt === null;
    let ord = Math.max(0, ...own.map((row) => row.ord));
    for (const gone of open ? unknownOf(entry, own) : []) {
      ord += 1;
      left.push({ hubId, epoch: gone, ord, openedAt: now, closedAt: now });
    }
    places.set(hubId, { ord: known?.ord ?? ord + 1, open });
    if (known === undefined) opened.push({ hubId, epoch, ord: ord + 1, openedAt: now });
  }
  if (opened.length > 0) await closeAll(tx, opened, now);
  if (opened.length + left.length > 0) await tx.insert(hubEpoch).values([...left, ...opened]);
  return places;
}

function unknownOf({ left }: Entry, own: readonly { epoch: string }[]): string[] {
  return left.filter((epoch) => !own.some((row) => row.epoch === epoch)).slice(0, MOST_LEFT_EPOCHS);
}

async function closeAll(tx: Tx, opened: readonly Fresh[], now: Date): Promise<void> {
  const hubIds = opened.map(({ hubId }) => hubId);
  await tx
    .update(hubEpoch)
    .set({ closedAt: now })
    .where(and(inArray(hubEpoch.hubId, hubIds), isNull(hubEpoch.closedAt)));
  // A hub with a new store counts the revisions of its state from one again.
  await tx.update(hub).set({ stateRev: 0 }).where(inArray(hub.id, hubIds));
}
