import { and, count, eq, gt, isNull, notInArray, or } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import type { HookRefusal } from './hook-input.js';
import { provisioningDecision } from './tables.js';

/** Refusals that are not counted: an hour later there is room again, and nobody uses up the tries of another's hardware. */
const UNCOUNTED = ['rate-limited', 'certificate-not-live'] as const satisfies HookRefusal[];

const HOUR_MS = 60 * 60 * 1000;

type Tried = { kind: 'claim' | 'rotation'; hwId: string; claimCertificateId: string };

/** Whether this hardware, or whoever holds this claim certificate, has asked too often within an hour. */
export async function isTooOften(
  tx: Tx,
  { clock, settings }: Pick<CloudContext, 'clock' | 'settings'>,
  { kind, hwId, claimCertificateId }: Tried,
): Promise<boolean> {
  const counted = and(
    gt(provisioningDecision.at, new Date(clock.now() - HOUR_MS)),
    or(isNull(provisioningDecision.reason), notInArray(provisioningDecision.reason, UNCOUNTED)),
  );
  const tries = async (...same: ReturnType<typeof eq>[]) => {
    const [row] = await tx
      .select({ tries: count() })
      .from(provisioningDecision)
      .where(and(counted, ...same));
    return row?.tries ?? 0;
  };
  const { perHardwarePerHour, perClaimCertificatePerHour } = settings.provisioningLimits;
  const ofHardware = [eq(provisioningDecision.hwId, hwId), eq(provisioningDecision.kind, kind)];
  return (
    (await tries(...ofHardware)) >= perHardwarePerHour ||
    (await tries(eq(provisioningDecision.claimCertificateId, claimCertificateId))) >= perClaimCertificatePerHour
  );
}

/** How often the hook was asked within the last hour, by anybody. */
export async function decisionsOfLastHour(tx: Tx, nowMs: number): Promise<number> {
  const [row] = await tx
    .select({ asked: count() })
    .from(provisioningDecision)
    .where(gt(provisioningDecision.at, new Date(nowMs - HOUR_MS)));
  return row?.asked ?? 0;
}
