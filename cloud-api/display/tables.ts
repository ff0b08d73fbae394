import { sql } from 'drizzle-orm';
import { boolean, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** A thing on the wall. Its id comes from its hub; it has a household while its hub is bound. */
export const display = pgTable('display', {
  id: uuid().primaryKey(),
  householdId: uuid('household_id'),
  hubId: uuid('hub_id').notNull(),
  name: text().notNull(),
  nickname: text(),
  kind: text({ enum: ['wired', 'satellite'] }).notNull(),
  panel: text().notNull(),
  width: integer().notNull(),
  height: integer().notNull(),
  inks: text().array().notNull(),
  /** Which measurement of its inks its hub draws with; null for the usual one. */
  profile: text(),
  pendingPresentationId: uuid('pending_presentation_id'),
  /** Whether its hub still has it. */
  reported: boolean().notNull().default(true),
  stateUpdatedAt: timestamp('state_updated_at', { withTimezone: true, precision: 3 }),
  boundAt: timestamp('bound_at', { withTimezone: true, precision: 3 }),
  tags: text().array().notNull().default(sql`'{}'`),
});
