import { bigint, json, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** Where a command is on its way. Source: sync protocol, section 4. */
export const COMMAND_STATES = [
  'QUEUED',
  'OFFERED',
  'RECEIVED',
  'APPLIED',
  'FAILED',
  'SUPERSEDED',
  'EXPIRED',
  'UNKNOWN',
] as const;

/** The delivery log: every command, and when it reached each state. */
export const command = pgTable('command', {
  id: uuid().primaryKey(),
  householdId: uuid('household_id'),
  hubId: uuid('hub_id').notNull(),
  downSeq: bigint('down_seq', { mode: 'number' }).notNull(),
  slot: text().notNull(),
  rev: bigint({ mode: 'number' }).notNull(),
  kind: text().notNull(),
  body: json().notNull(),
  state: text({ enum: COMMAND_STATES }).notNull(),
  code: text(),
  message: text(),
  deadlineAt: moment('deadline_at'),
  queuedAt: moment('queued_at').notNull(),
  offeredAt: moment('offered_at'),
  receivedAt: moment('received_at'),
  endedAt: moment('ended_at'),
});
