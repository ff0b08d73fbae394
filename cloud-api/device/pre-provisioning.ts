import { sql } from 'drizzle-orm';
import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import { thingNameFor } from '../../provisioning/hw-id/index.js';
import type { CloudContext } from '../context.js';
import { isDataError } from '../database/data-error.js';
import { asSystem, type Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { withinLimit } from '../within-limit.js';
import type { HookInput, HookRefusal, Verdict } from './hook-input.js';
import { decisionsOfLastHour, isWorthKeeping } from './hook-limits.js';
import { judgeClaim } from './judge-claim.js';
import { judgeRotation } from './judge-rotation.js';
import type { Release } from './release-hub.js';
import { provisioningDecision } from './tables.js';

export type HookAnswer =
  | { allowProvisioning: true; parameterOverrides: { ThingName: string } }
  | { allowProvisioning: false; reason: HookRefusal };

type HookContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'metrics' | 'wakeIotTasks' | 'settings'> &
  Release;
type Kind = 'claim' | 'rotation';
type Decision = { kind: Kind; verdict: Verdict; lastHour: number };

/** AWS waits five seconds, and what carries the question to us takes its share. Source: AWS IoT developer guide, "Pre-provisioning hooks". */
export const DECISION_LIMIT_MS = 4_000;
const LOCK_LIMIT_MS = 2_000;
const STATEMENT_LIMIT_MS = 3_000;

/**
 * Decides whether a device may have its certificate, from local facts only, within four seconds. What it decides, and
 * why, is kept. Asked again after a lost answer it decides alike; what it cannot decide in time it does not decide.
 * @throws CloudError `processing_unavailable`
 */
export async function decideProvisioning(context: HookContext, input: HookInput): Promise<HookAnswer> {
  const { verdict } = await decideInTime(context, input);
  if (!verdict.ok) return { allowProvisioning: false, reason: verdict.reason };
  return { allowProvisioning: true, parameterOverrides: { ThingName: thingNameFor(verdict.hwId) } };
}

async function decideInTime(context: HookContext, input: HookInput): Promise<Decision> {
  const { certificateId, claimCertificateId, clientId } = input;
  try {
    const decision = await withinLimit(context.clock, DECISION_LIMIT_MS, (signal) => decide(context, input, signal));
    tell(context, input, decision);
    return decision;
  } catch (error) {
    context.metrics.count('inklet_provisioning_undecided_total');
    context.log.warn({ err: error, certificateId, claimCertificateId, clientId }, 'provisioning was not decided');
    const isSlow = error instanceof CloudError && error.code === 'database.failed' && !isDataError(error);
    if (!isSlow) throw error;
    throw new CloudError('processing_unavailable', 'The database is slow; ask again.', {}, { cause: error });
  }
}

async function decide(context: HookContext, input: HookInput, signal: AbortSignal): Promise<Decision> {
  const kind = input.templateArn?.endsWith(`/${ROTATION_TEMPLATE_NAME}`) ? 'rotation' : 'claim';
  const judge = kind === 'rotation' ? judgeRotation : judgeClaim;
  return asSystem(context.db, async (tx) => {
    await limitStatements(tx);
    const verdict = await judge(tx, context, input);
    if (isWorthKeeping(verdict)) await keep(tx, context, { input, kind, verdict });
    const lastHour = await decisionsOfLastHour(tx, context.clock.now());
    // AWS has been told that we failed: what it will ask again must not be half done.
    if (signal.aborted) throw new CloudError('processing_unavailable', 'The decision came too late.');
    return { kind, verdict, lastHour };
  });
}

async function limitStatements(tx: Tx): Promise<void> {
  await tx.execute(
    sql`select set_config('lock_timeout', ${String(LOCK_LIMIT_MS)}, true),
      set_config('statement_timeout', ${String(STATEMENT_LIMIT_MS)}, true)`,
  );
}

async function keep(
  tx: Tx,
  { clock, newId }: HookContext,
  { input, kind, verdict }: { input: HookInput; kind: Kind; verdict: Verdict },
): Promise<void> {
  const { certificateId, claimCertificateId, clientId } = input;
  await tx.insert(provisioningDecision).values({
    ...{ id: newId(), at: new Date(clock.now()), kind, allowed: verdict.ok, hwId: verdict.hwId },
    ...{ certificateId, claimCertificateId, clientId },
    ...(verdict.ok ? { ticketId: verdict.ticketId } : { reason: verdict.reason, twinThingName: verdict.twinThingName }),
  });
}

function tell({ log, metrics, settings }: HookContext, input: HookInput, { kind, verdict, lastHour }: Decision): void {
  const { certificateId, claimCertificateId, clientId } = input;
  const facts = { kind, hwId: verdict.hwId, certificateId, claimCertificateId, clientId };
  const reason = verdict.ok ? 'none' : verdict.reason;
  metrics.count('inklet_provisioning_decisions_total', { kind, allowed: String(verdict.ok), reason });
  if (verdict.ok) log.info(facts, 'provisioning allowed');
  else log.warn({ ...facts, reason }, 'provisioning refused');
  if (!verdict.ok && verdict.reason === 'duplicate-key') {
    metrics.count('inklet_cloned_keys_total');
    log.warn({ ...facts, twinThingName: verdict.twinThingName }, 'two devices have one key: a card was cloned');
  }
  const plannedPerHour = settings.provisioningLimits.plannedPerHour;
  if (lastHour > plannedPerHour) {
    metrics.count('inklet_provisioning_above_plan_total');
    log.warn({ lastHour, plannedPerHour }, 'more certificates are asked for than planned');
  }
}
