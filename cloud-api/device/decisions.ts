import { and, desc, eq, lt } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
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
