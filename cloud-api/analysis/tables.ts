import { integer, json, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** The act of turning contents into presentations. */
export const analysis = pgTable(
  'analysis',
  {
    householdId: uuid('household_id').notNull(),
    id: uuid().notNull(),
    mode: text({ enum: ['ai', 'direct'] }).notNull(),
    state: text({ enum: ['queued', 'running', 'completed', 'failed'] }).notNull(),
    outcome: text({ enum: ['presentations'] }),
    intent: text(),
    title: text(),
    target: json(),
    failure: json(),
    nextSeq: integer('next_seq').notNull().default(1),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.id] })],
);

/** Which contents an analysis was given, in order. */
export const analysisContent = pgTable(
  'analysis_content',
  {
    householdId: uuid('household_id').notNull(),
    analysisId: uuid('analysis_id').notNull(),
    place: integer().notNull(),
    contentId: uuid('content_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.analysisId, table.place] })],
);

/** The story of an analysis and of what became of its presentations. */
export const analysisEvent = pgTable(
  'analysis_event',
  {
    householdId: uuid('household_id').notNull(),
    analysisId: uuid('analysis_id').notNull(),
    seq: integer().notNull(),
    at: moment('at').notNull(),
    attempt: integer().notNull(),
    source: text({ enum: ['agent', 'backend'] }).notNull(),
    type: text().notNull(),
    level: text({ enum: ['info', 'warn', 'error'] }).notNull(),
    summary: text().notNull(),
    data: json(),
  },
  (table) => [primaryKey({ columns: [table.householdId, table.analysisId, table.seq] })],
);
