import { createHash } from 'node:crypto';
import { and, eq, lt, sql } from 'drizzle-orm';
import type { TokenHolder } from '../auth/principal.js';
import type { Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { idempotency } from './tables.js';

/** A creating call: who calls, which route, with which key, and what it asks for. */
export type CreatingCall = { caller: TokenHolder; route: string; key: string; body: unknown };

const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * Claims the key for the thing that the caller is about to create as `newId`, in the transaction that creates it: a
 * refused request gives its key back. A second call at the same time waits here until the first has committed.
 * @throws CloudError `idempotency_conflict` when the key came with another body
 */
export async function claimKey(
  tx: Tx,
  { caller, route, key, body }: CreatingCall,
  newId: string,
  now: Date,
): Promise<{ id: string; replayed: boolean }> {
  const { householdId, tokenId: principalId } = caller;
  const bodySha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const fresh = { bodySha256, resultId: newId, createdAt: now };
  const claimed = await tx
    .insert(idempotency)
    .values({ householdId, principalId, route, key, ...fresh })
    .onConflictDoUpdate({
      target: [idempotency.householdId, idempotency.principalId, idempotency.route, idempotency.key],
      set: fresh,
      setWhere: lt(idempotency.createdAt, new Date(now.getTime() - KEPT_MS)),
    })
    .returning({ id: idempotency.resultId });
  if (claimed.length > 0) return { id: newId, replayed: false };
  const [earlier] = await tx
    .select({ id: idempotency.resultId, bodySha256: idempotency.bodySha256 })
    .from(idempotency)
    .where(and(eq(idempotency.principalId, principalId), eq(idempotency.route, route), eq(idempotency.key, key)));
  if (earlier?.bodySha256 !== bodySha256) {
    throw new CloudError('idempotency_conflict', 'This Idempotency-Key was used with another body.');
  }
  return { id: earlier.id, replayed: true };
}

/** Forgets up to `limit` keys whose day is over, and gives how many. Runs as the system. */
export async function forgetKeys(tx: Tx, now: Date, limit: number): Promise<number> {
  const before = new Date(now.getTime() - KEPT_MS);
  const over = tx.select({ place: sql`ctid` }).from(idempotency).where(lt(idempotency.createdAt, before)).limit(limit);
  const gone = await tx.delete(idempotency).where(sql`ctid in ${over}`).returning({ key: idempotency.key });
  return gone.length;
}
