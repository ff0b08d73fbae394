import { eq } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import { household, membership } from './tables.js';

export type Household = {
  id: string;
  name: string;
  createdAt: Date;
  members: { accountId: string; role: 'owner' }[];
};

export async function readHousehold({ db }: Pick<CloudContext, 'db'>, householdId: string): Promise<Household> {
  return withHousehold(db, householdId, async (tx) => {
    const [row] = await tx.select().from(household).where(eq(household.id, householdId));
    if (row === undefined) throw new CloudError('not_found', 'The household is gone.');
    const members = await tx.select({ accountId: membership.accountId, role: membership.role }).from(membership);
    return { ...row, members };
  });
}
