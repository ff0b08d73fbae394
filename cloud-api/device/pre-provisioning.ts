import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import { thingNameFor } from '../../provisioning/hw-id/index.js';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import type { HookInput } from './hook-input.js';
import { judgeClaim } from './judge-claim.js';
import { judgeRotation } from './judge-rotation.js';
import { provisioningDecision } from './tables.js';

export type HookAnswer =
  | { allowProvisioning: true; parameterOverrides: { ThingName: string } }
  | { allowProvisioning: false; reason: string };

type HookContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'metrics' | 'settings'>;

/**
 * Decides whether a device may have its certificate, from local facts only: AWS waits five seconds.
 * What it decides, and why, is kept. Asked again after a lost answer it decides alike.
 */
export async function decideProvisioning(context: HookContext, input: HookInput): Promise<HookAnswer> {
  const { certificateId, claimCertificateId, clientId } = input;
  const kind = input.templateArn?.endsWith(`/${ROTATION_TEMPLATE_NAME}`) ? 'rotation' : 'claim';
  const judge = kind === 'rotation' ? judgeRotation : judgeClaim;
  const verdict = await asSystem(context.db, async (tx) => {
    const found = await judge(tx, context, input);
    await tx.insert(provisioningDecision).values({
      ...{ id: context.newId(), at: new Date(context.clock.now()), kind, allowed: found.ok, hwId: found.hwId },
      ...{ certificateId, claimCertificateId, clientId },
      ...(found.ok ? { ticketId: found.ticketId } : { reason: found.reason, twinThingName: found.twinThingName }),
    });
    return found;
  });
  const facts = { kind, hwId: verdict.hwId, certificateId, claimCertificateId, clientId };
  const reason = verdict.ok ? 'none' : verdict.reason;
  context.metrics.count('inklet_provisioning_decisions_total', { kind, allowed: String(verdict.ok), reason });
  if (verdict.ok) {
    context.log.info(facts, 'provisioning allowed');
    return { allowProvisioning: true, parameterOverrides: { ThingName: thingNameFor(verdict.hwId) } };
  }
  context.log.warn({ ...facts, reason }, 'provisioning refused');
  return { allowProvisioning: false, reason };
}
