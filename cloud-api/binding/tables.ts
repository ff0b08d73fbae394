import { integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** A claim's life. A code is nowhere: it is derived again from the request when it is needed. */
export const claim = pgTable('claim', {
  id: uuid().primaryKey(),
  hubId: uuid('hub_id').notNull(),
  requestId: uuid('request_id').notNull(),
  /** Null for a claim by a tag that proved itself. */
  codeHmac: text('code_hmac'),
  word: text().notNull(),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at').notNull(),
  lookedUpBy: uuid('looked_up_by'),
  confirmedAt: moment('confirmed_at'),
  deadAt: moment('dead_at'),
  /** The offer by which a bound hub may be claimed. */
  transferId: uuid('transfer_id'),
});

/** What counts against the limits. */
export const claimTry = pgTable('claim_try', {
  id: uuid().primaryKey(),
  at: moment('at').notNull(),
  kind: text({ enum: ['code', 'tap', 'sun', 'receipt'] }).notNull(),
  accountId: uuid('account_id').notNull(),
  addressBlock: text('address_block').notNull(),
});

/** From when on an account may try again. */
export const claimPace = pgTable('claim_pace', {
  accountId: uuid('account_id').primaryKey(),
  intervalS: integer('interval_s').notNull(),
  nextAt: moment('next_at').notNull(),
});

/** A hub on its way from one household to another. */
export const hubTransfer = pgTable('hub_transfer', {
  id: uuid().primaryKey(),
  hubId: uuid('hub_id').notNull(),
  fromHouseholdId: uuid('from_household_id').notNull(),
  offeredBy: uuid('offered_by').notNull(),
  offeredAt: moment('offered_at').notNull(),
  expiresAt: moment('expires_at').notNull(),
  cancelledAt: moment('cancelled_at'),
  toHouseholdId: uuid('to_household_id'),
  acceptedAt: moment('accepted_at'),
});

/** A binding that a hub made itself. */
export const localBinding = pgTable('local_binding', {
  id: uuid().primaryKey(),
  hubId: uuid('hub_id').notNull(),
  householdName: text('household_name').notNull(),
  boundAt: moment('bound_at').notNull(),
  receiptSha256: text('receipt_sha256').notNull(),
  receivedAt: moment('received_at').notNull(),
  adoptedAt: moment('adopted_at'),
  /** Vetoed, left on the hub, or overtaken by another binding. */
  endedAt: moment('ended_at'),
});
