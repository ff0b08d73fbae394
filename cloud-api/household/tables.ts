import { pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** The tenant. */
export const household = pgTable('household', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  createdAt: moment('created_at').notNull(),
});

/** Who holds which role in a household. */
export const membership = pgTable(
  'membership',
  {
    householdId: uuid('household_id').notNull(),
    accountId: uuid('account_id').notNull(),
    role: text({ enum: ['owner'] }).notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.accountId] })],
);
