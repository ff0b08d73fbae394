import { and, desc, eq, inArray, lt } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { provisioningDecision } from './tables.js';

export type Decision = typeof provisioningDecision.$inferSelect;

/** Which decisions of the hook; `before` is the last id of the page before. */
export type DecisionQuery = {
  hwId?: string | undefined;
  reason?: string | undefined;
  allowed?: boolean | undefined;
  before?: string | undefined;
  limit: number;
};

const KEPT_MS = 90 * 24 * 60 * 60 * 1000;

/** Forgets up to `limit` decisions that are older than ninety days, and gives how many. Runs as the system. */
export async function forgetDecisions(tx: Tx, now: Date, limit: number): Promise<number> {
  const before = new Date(now.getTime() - KEPT_MS);
  const isOld = lt(provisioningDecision.at, before);
  const old = tx.select({ id: provisioningDecision.id }).from(provisioningDecision).where(isOld).limit(limit);
  const gone = await tx
    .delete(provisioningDecision)
    .where(inArray(provisioningDecision.id, old))
    .returning({ id: provisioningDecision.id });
  return gone.length;
}

/** What the hook decided, the newest first. */
export async function listDecisions(
  { db }: Pick<CloudContext, 'db'>,
  { hwId, reason, allowed, before, limit }: DecisionQuery,
): Promise<Decision[]> {
  const { id } = provisioningDecision;
  const wanted = and(
    hwId === undefined ? undefined : eq(provisioningDecision.hwId, hwId),
    reason === undefined ? undefined : eq(provisioningDecision.reason, reason),
    allowed === undefined ? undefined : eq(provisioningDecision.allowed, allowed),
    before === undefined ? undefined : lt(id, before),
  );
  // The ids are UUIDv7: their order is that of time.
  return asSystem(db, (tx) => tx.select().from(provisioningDecision).where(wanted).orderBy(desc(id)).limit(limit));
}
