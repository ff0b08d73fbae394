import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  issueWorkOrder,
  type WorkOrder,
  type WorkOrderKeys,
  WorkOrderKeysSchema,
} from '../../provisioning/work-order/index.js';

const KEY_ID = 7;
const HOUR_MS = 60 * 60 * 1000;

/** Who signs work orders in tests. */
class WorkOrderOffice {
  readonly #privateKey;
  /** What the cloud is given. */
  readonly allowList: WorkOrderKeys;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    const { x } = publicKey.export({ format: 'jwk' });
    this.allowList = WorkOrderKeysSchema.parse({ keys: [{ keyId: KEY_ID, publicKey: x, revoked: false }] });
  }

  /** A work order of a day that begins an hour before `nowMs`, for this hardware and everything that may be done. */
  issue(nowMs: number, change: Partial<WorkOrder>): string {
    const order: WorkOrder = {
      ...{ v: 1, id: randomUUID(), keyId: KEY_ID, technician: 'Ada', hwIds: [], batches: [] },
      may: ['make-tag', 'provision', 'reprovision', 'diagnose'],
      issuedAt: new Date(nowMs - HOUR_MS).toISOString(),
      expiresAt: new Date(nowMs + 8 * HOUR_MS).toISOString(),
      ...change,
    };
    return issueWorkOrder(order, this.#privateKey);
  }
}

/** The office that the cloud of the tests trusts, and one that it does not know. */
export const WORK_ORDERS = new WorkOrderOffice();
export const FOREIGN_WORK_ORDERS = new WorkOrderOffice();
