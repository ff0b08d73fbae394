import { ProvisioningError, type ProvisioningErrorCode } from '../../errors.js';
import {
  verifyWorkOrder,
  type WorkOrder,
  WorkOrderKeysSchema,
  type WorkOrderRefusal,
  type WorkOrderTask,
  workOrderRefusal,
} from '../../work-order/index.js';
import type { Tool } from '../command.js';
import { someText } from '../flags.js';
import { readInput, readJsonInput } from '../input-files.js';

export const ORDER_NAMES = ['work-order', 'work-order-keys', 'technician'] as const;

export const orderFlags = {
  'work-order': someText().optional(),
  'work-order-keys': someText().default('work-order-keys.json'),
  technician: someText().optional(),
};

export type OrderFlags = {
  'work-order'?: string | undefined;
  'work-order-keys': string;
  technician?: string | undefined;
};

export const ORDER_USAGE = `  --work-order FILE       only what this signed work order lists is touched
  --work-order-keys FILE  the allow list of the keys that sign work orders (work-order-keys.json)
  --technician NAME       whose work order it has to be
`;

/** Whether this may be done now; without a work order, everything may. */
export interface Permit {
  /** The work order as it travels to the cloud. */
  readonly token?: string | undefined;
  /** @throws ProvisioningError `work-order.*` */
  require(task: WorkOrderTask): void;
}

const CODES: Record<WorkOrderRefusal, ProvisioningErrorCode> = {
  malformed: 'work-order.malformed',
  'unknown-key': 'work-order.unknown-key',
  'revoked-key': 'work-order.revoked-key',
  'wrong-signature': 'work-order.wrong-signature',
  expired: 'work-order.expired',
  'not-yet-valid': 'work-order.not-yet-valid',
  'another-technician': 'work-order.another-technician',
  'not-allowed': 'work-order.not-allowed',
  'not-listed': 'work-order.not-listed',
};

/**
 * Verifies the work order that was named, and judges by it; a box may outlast its day.
 * @throws ProvisioningError `work-order.*`, `tech.file-unreadable`
 */
export async function permitFrom(clock: Pick<Tool['clock'], 'now'>, flags: OrderFlags): Promise<Permit> {
  const { 'work-order': file, 'work-order-keys': keysFile, technician } = flags;
  if (file === undefined) return { require: () => undefined };
  const token = (await readInput(file, 'the work order')).trim();
  const keys = await readJsonInput(keysFile, 'the allow list of work orders', WorkOrderKeysSchema);
  const verified = (): WorkOrder => {
    const verdict = verifyWorkOrder(token, keys, { nowMs: clock.now(), technician });
    if (!verdict.ok) throw refused(verdict.reason, `the work order ${file}`);
    return verdict.order;
  };
  verified();
  return {
    token,
    require: (task) => {
      const reason = workOrderRefusal(verified(), task);
      if (reason !== undefined) throw refused(reason, `${task.action} of ${task.hwId ?? 'new hardware'}`);
    },
  };
}

function refused(reason: WorkOrderRefusal, what: string): ProvisioningError {
  return new ProvisioningError(CODES[reason], `${what}: ${reason}`);
}
