import {
  verifyWorkOrder,
  type WorkOrder,
  type WorkOrderAction,
  workOrderRefusal,
} from '../../provisioning/work-order/index.js';
import type { CloudContext } from '../context.js';
import { CloudError } from '../errors.js';
import type { FieldWorker } from './principal.js';

/**
 * The work order of a token, if a key of the allow list signed it and this is its day.
 * @throws CloudError `work-order.*`
 */
export function verifiedWorkOrder(
  { settings, clock }: { settings: Pick<CloudContext['settings'], 'workOrderKeys'>; clock: CloudContext['clock'] },
  token: string,
): WorkOrder {
  const verdict = verifyWorkOrder(token, settings.workOrderKeys, { nowMs: clock.now() });
  if (verdict.ok) return verdict.order;
  throw new CloudError(`work-order.${verdict.reason}`, 'The work order is not good, or not today.');
}

/**
 * Makes sure that whoever calls may do one of these things to this hardware: the operator may, a technician if his work
 * order allows and lists it.
 * @throws CloudError `work-order.not-allowed`, `work-order.not-listed`
 */
export function requireLeave(
  worker: FieldWorker,
  actions: readonly WorkOrderAction[],
  made: { hwId: string; batch?: number | undefined },
): void {
  if (worker.kind === 'operator') return;
  const refusals = actions.map((action) => workOrderRefusal(worker.order, { action, ...made }));
  if (refusals.includes(undefined)) return;
  const reason = refusals.includes('not-listed') ? 'not-listed' : 'not-allowed';
  throw new CloudError(`work-order.${reason}`, `The work order does not cover hardware ${made.hwId} for this.`);
}
