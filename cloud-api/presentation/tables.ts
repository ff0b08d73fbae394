import { integer, json, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** Contents prepared for one display, with the geometry and profile of inks that the display had then. */
export const presentation = pgTable(
  'presentation',
  {
    householdId: uuid('household_id').notNull(),
    id: uuid().notNull(),
    displayId: uuid('display_id').notNull(),
    analysisId: uuid('analysis_id'),
    mode: text({ enum: ['ai', 'direct'] }).notNull(),
    state: text({
      enum: ['preparing', 'ready', 'queued', 'published', 'confirmed', 'expired', 'failed'],
    }).notNull(),
    title: text(),
    page: json(),
    width: integer().notNull(),
    height: integer().notNull(),
    inks: text().array().notNull(),
    profile: text(),
    origin: text({ enum: ['cloud', 'local'] }).notNull(),
    commandId: uuid('command_id'),
    failure: json(),
    frameSha256: text('frame_sha256'),
    previewSha256: text('preview_sha256'),
    askedAt: moment('asked_at'),
    receivedAt: moment('received_at'),
    renderedAt: moment('rendered_at'),
    paintedAt: moment('painted_at'),
    confirmedAt: moment('confirmed_at'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.id] })],
);

/** The pictures that a hub must fetch for a presentation. */
export const presentationPicture = pgTable(
  'presentation_picture',
  {
    householdId: uuid('household_id').notNull(),
    presentationId: uuid('presentation_id').notNull(),
    sha256: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.presentationId, table.sha256] })],
);
