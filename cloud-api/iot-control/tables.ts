import { integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** A certificate that AWS IoT is still to deactivate and detach. */
export const iotTask = pgTable('iot_task', {
  id: uuid().primaryKey(),
  certificateId: text('certificate_id').notNull(),
  thingName: text('thing_name').notNull(),
  dueAt: moment('due_at').notNull(),
  attempts: integer().notNull().default(0),
  lastError: text('last_error'),
  createdAt: moment('created_at').notNull(),
});
