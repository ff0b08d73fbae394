import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const count = (name: string) => bigint(name, { mode: 'number' });

/** The incarnation of this store: one row, renewed after a restore. */
export const store = pgTable('store', {
  id: integer().primaryKey(),
  gen: text().notNull(),
});

/** Hubs that have more of an incarnation than this store. */
export const restoreWitness = pgTable('restore_witness', {
  hubId: uuid('hub_id').primaryKey(),
  gen: text().notNull(),
  seenAt: moment('seen_at').notNull(),
});

/** The queue databases that a hub has had, in the order in which the cloud first saw them. */
export const hubEpoch = pgTable(
  'hub_epoch',
  {
    hubId: uuid('hub_id').notNull(),
    epoch: text().notNull(),
    ord: integer().notNull(),
    openedAt: moment('opened_at').notNull(),
    closedAt: moment('closed_at'),
  },
  (table) => [primaryKey({ columns: [table.hubId, table.epoch] })],
);

/**
 * Pairs of a boot's monotonic time and ours, by which events of that boot get their time: so far that clock was at the
 * latest at `serverAt`, when a request had arrived, and at the earliest at `lowAt`.
 */
export const hubBoot = pgTable(
  'hub_boot',
  {
    hubId: uuid('hub_id').notNull(),
    boot: uuid().notNull(),
    monoMs: doublePrecision('mono_ms').notNull(),
    serverAt: moment('server_at').notNull(),
    lowMonoMs: doublePrecision('low_mono_ms'),
    lowAt: moment('low_at'),
  },
  (table) => [primaryKey({ columns: [table.hubId, table.boot] })],
);

/** How far each lane of each epoch is. */
export const stream = pgTable(
  'stream',
  {
    hubId: uuid('hub_id').notNull(),
    epoch: text().notNull(),
    lane: integer().notNull(),
    hwm: count('hwm').notNull(),
    hwmId: uuid('hwm_id'),
    updatedAt: moment('updated_at').notNull(),
    /** Of the last event: its boot, and the earliest moment at which it can have happened. */
    lastBoot: uuid('last_boot'),
    lastLo: moment('last_lo'),
  },
  (table) => [primaryKey({ columns: [table.hubId, table.epoch, table.lane] })],
);

/** What happened on hubs, once each; in one partition for each day on which it was received. */
export const event = pgTable(
  'event',
  {
    hubId: uuid('hub_id').notNull(),
    epoch: text().notNull(),
    lane: integer().notNull(),
    seq: count('seq').notNull(),
    householdId: uuid('household_id'),
    id: uuid(),
    type: text().notNull(),
    tv: integer().notNull(),
    known: boolean().notNull(),
    tsLo: moment('ts_lo').notNull(),
    tsHi: moment('ts_hi').notNull(),
    receivedAt: moment('received_at').notNull(),
    body: json(),
  },
  (table) => [primaryKey({ columns: [table.hubId, table.receivedAt, table.lane, table.seq, table.epoch] })],
);

/** What is on hubs: the last value of each key. */
export const state = pgTable(
  'state',
  {
    hubId: uuid('hub_id').notNull(),
    key: text().notNull(),
    householdId: uuid('household_id'),
    epochOrd: integer('epoch_ord').notNull(),
    ver: count('ver').notNull(),
    body: json(),
    supersededTotal: count('superseded_total').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hubId, table.key] })],
);

/** Ranges that will never come, and why. */
export const gap = pgTable(
  'gap',
  {
    hubId: uuid('hub_id').notNull(),
    epoch: text().notNull(),
    lane: integer().notNull(),
    fromSeq: count('from_seq').notNull(),
    toSeq: count('to_seq').notNull(),
    householdId: uuid('household_id'),
    reason: text().notNull(),
    rows: count('rows').notNull(),
    bytes: count('bytes').notNull(),
    firstAt: moment('first_at'),
    lastAt: moment('last_at'),
    receivedAt: moment('received_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hubId, table.epoch, table.lane, table.fromSeq] })],
);

/** Events that nobody could read, as they came. */
export const dead = pgTable(
  'dead',
  {
    hubId: uuid('hub_id').notNull(),
    epoch: text().notNull(),
    lane: integer().notNull(),
    seq: count('seq').notNull(),
    householdId: uuid('household_id'),
    reason: text().notNull(),
    raw: json().notNull(),
    receivedAt: moment('received_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hubId, table.epoch, table.lane, table.seq] })],
);
