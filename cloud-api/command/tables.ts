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

/** By which way a command reached a state: this service's own doing, a push over MQTT, or a hub's sync. */
export const DELIVERY_PATHS = ['cloud', 'mqtt', 'sync'] as const;

/** Every command, and where it is. */
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
  path: text({ enum: DELIVERY_PATHS }),
  code: text(),
  message: text(),
  deadlineAt: moment('deadline_at'),
  queuedAt: moment('queued_at').notNull(),
  offeredAt: moment('offered_at'),
  receivedAt: moment('received_at'),
  endedAt: moment('ended_at'),
});

/** The delivery log: when each command reached each state, written by a trigger whenever `command.state` changes. */
export const commandDelivery = pgTable('command_delivery', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  commandId: uuid('command_id').notNull(),
  householdId: uuid('household_id'),
  state: text({ enum: COMMAND_STATES }).notNull(),
  /** Null where it was reached before ways were noted. */
  path: text({ enum: DELIVERY_PATHS }),
  code: text(),
  at: moment('at').notNull(),
});
