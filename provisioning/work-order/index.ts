export {
  issueWorkOrder,
  readWorkOrder,
  verifyWorkOrder,
  type WorkOrderKeys,
  WorkOrderKeysSchema,
  type WorkOrderRefusal,
  type WorkOrderTask,
  type WorkOrderVerdict,
  workOrderRefusal,
} from './token.js';
export {
  WORK_ORDER_ACTIONS,
  WORK_ORDER_MAX_HW_IDS,
  WORK_ORDER_MAX_LIFE_MS,
  type WorkOrder,
  type WorkOrderAction,
  WorkOrderSchema,
} from './work-order.js';
