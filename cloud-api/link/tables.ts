import { customType, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** Messages of hubs that could not be stored when they came. */
export const parkedMessage = pgTable('parked_message', {
  id: uuid().primaryKey(),
  topic: text().notNull(),
  payload: bytes().notNull(),
  parkedAt: moment('parked_at').notNull(),
  dueAt: moment('due_at').notNull(),
  tries: integer().notNull().default(0),
});
