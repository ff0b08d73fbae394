import { and, eq, exists, inArray, isNull, lte, not, or, type SQL } from 'drizzle-orm';
import { command } from '../command/tables.js';
import type { Tx } from '../database/database.js';
import type { RetireContext } from '../iot-control/retire-at-iot.js';
import { revokeCertificates } from './certificate-life.js';
import { certificate, hardware, hub } from './tables.js';

/** So long a retired hub keeps its certificate to hear that it is to wipe what it shows. */
export const RETIRED_GRACE_MS = 24 * 60 * 60 * 1000;

/** Whether a hub has yet to say that it has left its household. */
export async function awaitsUnbound(tx: Tx, hubId: string): Promise<boolean> {
  const rows = await tx.select({ id: command.id }).from(command).where(openUnbound(hubId)).limit(1);
  return rows.length > 0;
}

/** Revokes the certificates of retired hubs that have left their household, or have been silent for a day. */
export async function endRetired(tx: Tx, context: RetireContext): Promise<string[]> {
  const silentSince = new Date(context.clock.now() - RETIRED_GRACE_MS);
  const open = tx.select({ id: command.id }).from(command).where(openUnbound(hub.id));
  const over = await tx
    .selectDistinct({ thingName: hub.thingName })
    .from(certificate)
    .innerJoin(hub, eq(hub.id, certificate.hubId))
    .innerJoin(hardware, eq(hardware.hwId, hub.hwId))
    .where(
      and(
        eq(hardware.state, 'RETIRED'),
        isNull(certificate.revokedAt),
        or(lte(hardware.updatedAt, silentSince), not(exists(open))),
      ),
    );
  const things = over.map(({ thingName }) => thingName);
  if (things.length === 0) return [];
  return revokeCertificates(tx, context, inArray(certificate.thingName, things), { reason: 'retired' });
}

function openUnbound(hubId: string | typeof hub.id): SQL | undefined {
  return and(
    eq(command.hubId, hubId),
    eq(command.kind, 'unbound'),
    inArray(command.state, ['QUEUED', 'OFFERED', 'RECEIVED']),
  );
}
