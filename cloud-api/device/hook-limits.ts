import { and, count, eq, gt, isNotNull, isNull, notInArray, or, type SQL } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import type { HookRefusal, Verdict } from './hook-input.js';
import { provisioningDecision } from './tables.js';

/** Refusals that are not counted: an hour later there is room again, and nobody uses up the tries of another's hardware. */
const UNCOUNTED = ['rate-limited', 'certificate-not-live'] as const satisfies HookRefusal[];

const HOUR_MS = 60 * 60 * 1000;

type LimitContext = Pick<CloudContext, 'clock' | 'settings'>;
type Tried = { kind: 'claim' | 'rotation'; hwId: string; claimCertificateId: string };

/** Whether this hardware, or whoever holds this claim certificate, has asked too often within an hour. What proved nothing does not count. */
export async function isTooOften(
  tx: Tx,
  { clock, settings }: LimitContext,
  { kind, hwId, claimCertificateId }: Tried,
): Promise<boolean> {
  const { perHardwarePerHour, perClaimCertificatePerHour } = settings.provisioningLimits;
  const { hwId: ofHardware, kind: ofKind, claimCertificateId: by } = provisioningDecision;
  const isProven = isNotNull(ofHardware);
  return (
    (await tries(tx, clock, and(isProven, eq(by, claimCertificateId)))) >= perClaimCertificatePerHour ||
    (await tries(tx, clock, and(eq(ofHardware, hwId), eq(ofKind, kind)))) >= perHardwarePerHour
  );
}

/**
 * Refuses who proved no hardware. Such refusals of a claim certificate are counted by themselves, so that junk under the
 * certificate of a production line does not stop the line, and from their limit on the answer is `rate-limited`.
 */
export async function refuseUnproven(
  tx: Tx,
  { clock, settings }: LimitContext,
  { claimCertificateId, reason }: { claimCertificateId: string; reason: HookRefusal },
): Promise<Verdict> {
  const { hwId, claimCertificateId: by } = provisioningDecision;
  const tried = await tries(tx, clock, and(isNull(hwId), eq(by, claimCertificateId)));
  const isFull = tried >= settings.provisioningLimits.perClaimCertificatePerHour;
  return { ok: false, reason: isFull ? 'rate-limited' : reason, hwId: null };
}

/** Whether a decision is to be kept: junk above its limit is counted and logged, and fills no table. */
export function isWorthKeeping(verdict: Verdict): boolean {
  return verdict.ok || verdict.hwId !== null || verdict.reason !== 'rate-limited';
}

async function tries(tx: Tx, clock: Pick<CloudContext['clock'], 'now'>, which: SQL | undefined): Promise<number> {
  const counted = and(
    gt(provisioningDecision.at, new Date(clock.now() - HOUR_MS)),
    or(isNull(provisioningDecision.reason), notInArray(provisioningDecision.reason, UNCOUNTED)),
  );
  const [row] = await tx.select({ tries: count() }).from(provisioningDecision).where(and(counted, which));
  return row?.tries ?? 0;
}

/** How often the hook was asked within the last hour, by anybody. */
export async function decisionsOfLastHour(tx: Tx, nowMs: number): Promise<number> {
  const [row] = await tx
    .select({ asked: count() })
    .from(provisioningDecision)
    .where(gt(provisioningDecision.at, new Date(nowMs - HOUR_MS)));
  return row?.asked ?? 0;
}
