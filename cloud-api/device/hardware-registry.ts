import { eq } from 'drizzle-orm';
import type { FieldWorker } from '../auth/principal.js';
import { requireLeave } from '../auth/work-orders.js';
import type { CloudContext } from '../context.js';
import { isUniqueViolation } from '../database/data-error.js';
import { asSystem, type Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { hardware } from './tables.js';

export type Hardware = Pick<typeof hardware.$inferSelect, 'hwId' | 'tagUid' | 'keyId' | 'model' | 'batch' | 'state'>;

/** What became of one item of a list. */
export type Registered =
  | { hwId: string; ok: true; state: Hardware['state'] }
  | { hwId: string; ok: false; code: string; message: string };

type RegistryContext = Pick<CloudContext, 'db' | 'clock'>;

const OPERATOR: FieldWorker = { kind: 'operator' };

/**
 * Notes what the factory made. The same again changes nothing; other facts are taken while it is only MADE.
 * @throws CloudError `invalid_state`, `work-order.not-allowed`, `work-order.not-listed`
 */
export async function registerHardware(
  { db, clock }: RegistryContext,
  made: Omit<Hardware, 'state'>,
  worker: FieldWorker = OPERATOR,
): Promise<Hardware> {
  requireLeave(worker, ['make-tag', 'provision'], made);
  return asSystem(db, (tx) => register(tx, { made, worker, now: new Date(clock.now()) }));
}

/** The same for a list, each item by itself. */
export async function registerAll(
  context: RegistryContext,
  items: readonly Omit<Hardware, 'state'>[],
  worker: FieldWorker,
): Promise<Registered[]> {
  const answers: Registered[] = [];
  for (const made of items) answers.push(await registered(context, made, worker));
  return answers;
}

async function registered(
  context: RegistryContext,
  made: Omit<Hardware, 'state'>,
  worker: FieldWorker,
): Promise<Registered> {
  const { hwId } = made;
  try {
    const { state } = await registerHardware(context, made, worker);
    return { hwId, ok: true, state };
  } catch (error) {
    if (!(error instanceof CloudError) || !isAboutItem(error)) throw error;
    return { hwId, ok: false, code: error.code, message: error.message };
  }
}

function isAboutItem({ code }: CloudError): boolean {
  return code === 'invalid_state' || code === 'work-order.not-allowed' || code === 'work-order.not-listed';
}

type Registration = { made: Omit<Hardware, 'state'>; worker: FieldWorker; now: Date };

async function register(tx: Tx, { made, worker, now }: Registration): Promise<Hardware> {
  const { hwId, tagUid, keyId, model, batch } = made;
  const registeredBy = worker.kind === 'operator' ? worker.kind : worker.order.technician;
  const values = { ...made, state: 'MADE', createdAt: now, updatedAt: now, registeredBy } as const;
  const fresh = await tx.insert(hardware).values(values).onConflictDoNothing().returning({ hwId: hardware.hwId });
  if (fresh.length > 0) return { ...made, state: 'MADE' };
  const [row] = await tx.select().from(hardware).where(eq(hardware.hwId, hwId)).for('update');
  const isSame = row?.tagUid === tagUid && row.keyId === keyId && row.model === model && row.batch === batch;
  if (row !== undefined && isSame) return { ...made, state: row.state };
  if (row?.state !== 'MADE') {
    throw new CloudError('invalid_state', 'The hardware is in use, and its facts are not these.');
  }
  // Nobody takes hardware of another batch into his own by saying so.
  requireLeave(worker, ['make-tag', 'provision'], row);
  await tx
    .update(hardware)
    .set({ ...made, updatedAt: now, registeredBy })
    .where(eq(hardware.hwId, hwId));
  return { ...made, state: row.state };
}

/**
 * Notes which tag that proves itself a hub carries. How far a tag has counted stays with the tag.
 * @throws CloudError `hub_not_found`, `invalid_state` for a tag that another hub carries
 */
export async function setSunTag(
  { db }: Pick<CloudContext, 'db'>,
  hwId: string,
  sunTagUid: string | null,
): Promise<string | null> {
  try {
    const set = await asSystem(db, (tx) =>
      tx.update(hardware).set({ sunTagUid }).where(eq(hardware.hwId, hwId)).returning({ hwId: hardware.hwId }),
    );
    if (set.length === 0) throw new CloudError('hub_not_found', 'The factory has made no such hardware.');
    return sunTagUid;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new CloudError('invalid_state', 'The tag is on another piece of hardware.');
  }
}
