import { and, asc, desc, eq, inArray, lt } from 'drizzle-orm';
import type { Tx } from '../database/database.js';
import { command, commandDelivery } from './tables.js';

type DeliveryRow = typeof commandDelivery.$inferSelect;
/** A command without its body, which is its household's, and its way so far. */
export type LoggedCommand = Pick<
  typeof command.$inferSelect,
  'id' | 'slot' | 'rev' | 'kind' | 'state' | 'code' | 'message' | 'deadlineAt'
> & { deliveries: Pick<DeliveryRow, 'state' | 'path' | 'code' | 'at'>[] };

/** Which commands: of a hub, the newest first, or one. `before` is the last id of the page before. */
export type LogQuery = { hubId: string; before?: string | undefined; limit: number } | { cmdId: string };

const KEPT_MS = 90 * 24 * 60 * 60 * 1000;

/** Commands with the time of each state. Whose they are is decided by the transaction's role. */
export async function readDeliveryLog(tx: Tx, query: LogQuery): Promise<LoggedCommand[]> {
  const { id, slot, rev, kind, state, code, message, deadlineAt } = command;
  const isAsked =
    'cmdId' in query
      ? eq(id, query.cmdId)
      : and(eq(command.hubId, query.hubId), query.before === undefined ? undefined : lt(id, query.before));
  const commands = await tx
    .select({ id, slot, rev, kind, state, code, message, deadlineAt })
    .from(command)
    .where(isAsked)
    .orderBy(desc(id)) // UUIDv7: their order is that of time
    .limit('limit' in query ? query.limit : 1);
  if (commands.length === 0) return [];
  const ids = commands.map((row) => row.id);
  const lines = await tx
    .select()
    .from(commandDelivery)
    .where(inArray(commandDelivery.commandId, ids))
    .orderBy(asc(commandDelivery.id));
  return commands.map((row) => ({
    ...row,
    deliveries: lines
      .filter(({ commandId }) => commandId === row.id)
      .map((line) => ({ state: line.state, path: line.path, code: line.code, at: line.at })),
  }));
}

/** Forgets up to `limit` lines that are older than ninety days, and gives how many. Runs as the system. */
export async function forgetDeliveries(tx: Tx, now: Date, limit: number): Promise<number> {
  const isOld = lt(commandDelivery.at, new Date(now.getTime() - KEPT_MS));
  const old = tx.select({ id: commandDelivery.id }).from(commandDelivery).where(isOld).limit(limit);
  const gone = await tx
    .delete(commandDelivery)
    .where(inArray(commandDelivery.id, old))
    .returning({ id: commandDelivery.id });
  return gone.length;
}
