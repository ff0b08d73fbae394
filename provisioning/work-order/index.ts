export {
  issueWorkOrder,
  readWorkOrder,
  verifyWorkOrder,
  type WorkOrderKeys,
  WorkOrderKeysSchema,
  type WorkOrderRefusal,
  type WorkOrderTask,
  workOrderRefusal,
} from './token.js';
export {
  WORK_ORDER_ACTIONS,
  WORK_ORDER_MAX_HW_IDS,
  type WorkOrder,
  type WorkOrderAction,
} from './work-order.js';
