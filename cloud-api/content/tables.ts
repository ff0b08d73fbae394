import { integer, json, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** A submission made of assets. */
export const content = pgTable(
  'content',
  {
    householdId: uuid('household_id').notNull(),
    id: uuid().notNull(),
    title: text(),
    state: text({ enum: ['pending', 'ready', 'failed'] }).notNull(),
    uploadsUntil: moment('uploads_until'),
    failure: json(),
    search: text().notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.id] })],
);

/** One piece of raw input; the bytes of pictures and files lie on disk under their SHA-256. */
export const asset = pgTable(
  'asset',
  {
    householdId: uuid('household_id').notNull(),
    contentId: uuid('content_id').notNull(),
    assetIndex: integer('asset_index').notNull(),
    type: text({ enum: ['text', 'link', 'image', 'file'] }).notNull(),
    text: text(),
    url: text(),
    filename: text(),
    contentType: text('content_type'),
    sizeBytes: integer('size_bytes'),
    uploadState: text('upload_state', { enum: ['pending', 'uploaded', 'failed'] }).notNull(),
    sha256: text(),
    problem: text(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.contentId, table.assetIndex] })],
);

/** What a creating call made, under the key with which it came. */
export const idempotency = pgTable(
  'idempotency',
  {
    householdId: uuid('household_id').notNull(),
    principalId: uuid('principal_id').notNull(),
    route: text().notNull(),
    key: text().notNull(),
    bodySha256: text('body_sha256').notNull(),
    resultId: uuid('result_id').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.principalId, table.route, table.key] })],
);
