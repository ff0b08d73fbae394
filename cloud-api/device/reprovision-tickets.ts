import { and, eq, inArray, isNull, lt, notExists } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { hardware, hub, provisioningDecision, reprovisionTicket } from './tables.js';

/** Who lets hardware be provisioned once more. */
export type Issuer =
  | { issuer: 'owner'; householdId: string; accountId: string }
  | { issuer: 'operator' }
  | { issuer: 'technician'; technician: string; workOrderId: string };

export type Ticket = typeof reprovisionTicket.$inferSelect;

type TicketContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId'>;

const DAY_MS = 24 * 60 * 60 * 1000;
const TICKET_LIFE_MS = DAY_MS;
const KEPT_MS = 90 * DAY_MS;

/**
 * Lets hardware that was at work have a new certificate, once, within a day. A later ticket takes the place of an earlier.
 * `check` may refuse by what is known of the hardware.
 * @throws CloudError `hardware_not_found`, `invalid_state`
 */
export async function issueTicket(
  context: TicketContext,
  hwId: string,
  issuer: Issuer,
  check: (made: typeof hardware.$inferSelect) => void = () => {},
): Promise<{ hwId: string; expiresAt: Date }> {
  const now = new Date(context.clock.now());
  const expiresAt = new Date(now.getTime() + TICKET_LIFE_MS);
  await asSystem(context.db, async (tx) => {
    const [made] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId)).for('update');
    if (made === undefined) throw new CloudError('hardware_not_found', 'No hardware has this id.');
    check(made);
    if (made.state !== 'PROVISIONED') {
      throw new CloudError('invalid_state', `The hardware is ${made.state}: no ticket lets it in.`);
    }
    await cancelOpen(tx, hwId, now);
    await tx.insert(reprovisionTicket).values({ id: context.newId(), hwId, ...issuer, createdAt: now, expiresAt });
  });
  context.log.info({ hwId, issuer: issuer.issuer }, 'a ticket lets hardware be provisioned once more');
  return { hwId, expiresAt };
}

/** Takes a ticket back that nobody has used; one that is not there is taken back already. */
export async function cancelTicket({ db, clock }: Pick<CloudContext, 'db' | 'clock'>, hwId: string): Promise<void> {
  await asSystem(db, async (tx) => {
    await tx.select({ hwId: hardware.hwId }).from(hardware).where(eq(hardware.hwId, hwId)).for('update');
    await cancelOpen(tx, hwId, new Date(clock.now()));
  });
}

/** The hardware of a household's hub. @throws CloudError `hub_not_found` */
export async function hardwareOfHub(
  { db }: Pick<CloudContext, 'db'>,
  { householdId, hubId }: { householdId: string; hubId: string },
): Promise<string> {
  const own = and(eq(hub.id, hubId), eq(hub.householdId, householdId));
  const [row] = await asSystem(db, (tx) => tx.select({ hwId: hub.hwId }).from(hub).where(own));
  if (row === undefined) throw new CloudError('hub_not_found', 'No hub of this household has this id.');
  return row.hwId;
}

/** The ticket that is neither used nor taken back; it may have expired. */
export async function openTicket(tx: Tx, hwId: string): Promise<Ticket | undefined> {
  const [row] = await tx.select().from(reprovisionTicket).where(isOpen(hwId)).for('update');
  return row;
}

export async function useTicket(tx: Tx, { id }: Ticket, certificateId: string, now: Date): Promise<void> {
  await tx.update(reprovisionTicket).set({ usedAt: now, usedBy: certificateId }).where(eq(reprovisionTicket.id, id));
}

export async function cancelOpen(tx: Tx, hwId: string, now: Date): Promise<void> {
  await tx.update(reprovisionTicket).set({ cancelledAt: now }).where(isOpen(hwId));
}

/** Forgets up to `limit` tickets that ended ninety days ago, used or not; those that a decision tells of wait for it. */
export async function forgetTickets(tx: Tx, now: Date, limit: number): Promise<number> {
  const { id, expiresAt } = reprovisionTicket;
  const told = tx
    .select({ id: provisioningDecision.id })
    .from(provisioningDecision)
    .where(eq(provisioningDecision.ticketId, id));
  const isOver = and(lt(expiresAt, new Date(now.getTime() - KEPT_MS)), notExists(told));
  const over = tx.select({ id }).from(reprovisionTicket).where(isOver).limit(limit);
  return (await tx.delete(reprovisionTicket).where(inArray(id, over)).returning({ id })).length;
}

function isOpen(hwId: string): ReturnType<typeof and> {
  return and(eq(reprovisionTicket.hwId, hwId), isNull(reprovisionTicket.usedAt), isNull(reprovisionTicket.cancelledAt));
}
