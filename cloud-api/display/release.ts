import { and, eq, notInArray } from 'drizzle-orm';
import type { Tx } from '../database/database.js';
import { display } from './tables.js';

const FREE = { householdId: null, boundAt: null, nickname: null, tags: [], pendingPresentationId: null };

/** Takes all displays of a hub out of its household, and gives their ids. */
export async function releaseDisplays(tx: Tx, hubId: string): Promise<string[]> {
  const rows = await tx.update(display).set(FREE).where(eq(display.hubId, hubId)).returning({ id: display.id });
  return rows.map(({ id }) => id);
}

/** Takes the displays that a hub has no longer out of its household, and gives their ids. */
export async function releaseUnreported(tx: Tx, hubId: string, reported: readonly string[]): Promise<string[]> {
  const rows = await tx
    .update(display)
    .set({ ...FREE, reported: false })
    .where(and(eq(display.hubId, hubId), eq(display.reported, true), notInArray(display.id, [...reported])))
    .returning({ id: display.id });
  return rows.map(({ id }) => id);
}
