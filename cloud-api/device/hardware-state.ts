import { eq } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { isLive, isPending, revokeCertificates } from './certificate-life.js';
import type { Release } from './release-hub.js';
import { cancelOpen } from './reprovision-tickets.js';
import { awaitsUnbound } from './retired-hubs.js';
import { hardware, hub } from './tables.js';

/** What an operator may do with hardware: keep it out for a while, let it back, or take it away for good. */
export type StateChange = 'block' | 'unblock' | 'retire';

type HardwareRow = typeof hardware.$inferSelect;
type StateContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'wakeIotTasks'> & Release;

/**
 * Blocks, unblocks or retires hardware. Blocked hardware loses its certificates at once. Retired hardware leaves its
 * household at once, gets no certificate any more, and keeps the one that it has until it has heard of it, for a day at
 * most. It never comes back. The same again changes nothing.
 * @throws CloudError `hardware_not_found`, `invalid_state`
 */
export async function changeState(
  context: StateContext,
  { hwId, change, reason }: { hwId: string; change: StateChange; reason: string },
): Promise<HardwareRow['state']> {
  const state = await asSystem(context.db, async (tx) => {
    const [made] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId)).for('update');
    if (made === undefined) throw new CloudError('hardware_not_found', 'No hardware has this id.');
    const [thing] = await tx.select().from(hub).where(eq(hub.hwId, hwId)).for('update');
    const next = nextState(made, change, thing !== undefined);
    if (next === made.state) return next;
    const updatedAt = new Date(context.clock.now());
    await tx.update(hardware).set({ state: next, stateReason: reason, updatedAt }).where(eq(hardware.hwId, hwId));
    if (thing !== undefined && change !== 'unblock') await expel(tx, context, { thing, change });
    return next;
  });
  context.log.warn({ hwId, change, state }, 'the operator changed what hardware may do');
  return state;
}

function nextState({ state }: HardwareRow, change: StateChange, hasHub: boolean): HardwareRow['state'] {
  if (change === 'retire') return 'RETIRED';
  if (state === 'RETIRED') throw new CloudError('invalid_state', 'The hardware is RETIRED for good.');
  if (change === 'block') return 'BLOCKED';
  return state === 'BLOCKED' && hasHub ? 'PROVISIONED' : state === 'BLOCKED' ? 'MADE' : state;
}

type Expelled = { thing: typeof hub.$inferSelect; change: 'block' | 'retire' };

async function expel(tx: Tx, context: StateContext, { thing, change }: Expelled): Promise<void> {
  const { id: hubId, thingName, hwId, householdId } = thing;
  const reason = change === 'block' ? 'blocked' : 'retired';
  await cancelOpen(tx, hwId, new Date(context.clock.now()));
  await revokeCertificates(tx, context, isPending(thingName), { reason, isUnderWay: true });
  if (change === 'retire' && householdId !== null) await context.release(tx, { hubId, householdId });
  // By what else would it hear that it is to wipe what the household showed?
  if (change === 'retire' && (await awaitsUnbound(tx, hubId))) return;
  await revokeCertificates(tx, context, isLive(thingName), { reason, isUnderWay: true });
}
