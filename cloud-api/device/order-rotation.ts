import { eq } from 'drizzle-orm';
import type { Commands } from '../command/commands.js';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { CloudError } from '../errors.js';
import { hub } from './tables.js';

/**
 * Tells the hub of this hardware to change its key and certificate; a newer order takes the place of one that it has not
 * received. Gives the id of the command.
 * @throws CloudError `hub_not_found`
 */
export async function orderRotation(
  { db, log, commands }: Pick<CloudContext, 'db' | 'log'> & { commands: Pick<Commands, 'enqueueCommand'> },
  hwId: string,
): Promise<string> {
  const cmdId = await asSystem(db, async (tx) => {
    const [found] = await tx
      .select({ hubId: hub.id, householdId: hub.householdId })
      .from(hub)
      .where(eq(hub.hwId, hwId));
    if (found === undefined) throw new CloudError('hub_not_found', 'This hardware has never been provisioned.');
    const order = { ...found, slot: 'rotate', kind: 'rotate', body: { reason: 'operator' } } as const;
    return (await commands.enqueueCommand(tx, order)).command.cmdId;
  });
  log.info({ hwId, cmdId }, 'the operator told a hub to change its certificate');
  return cmdId;
}
