import { integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** A person who can log in. */
export const account = pgTable('account', {
  id: uuid().primaryKey(),
  email: text().notNull(),
  passwordHash: text('password_hash').notNull(),
  failedLogIns: integer('failed_log_ins').notNull().default(0),
  lockedUntil: moment('locked_until'),
  createdAt: moment('created_at').notNull(),
});

/** One link of a chain of refresh tokens; a chain (family) is one log-in. */
export const refreshToken = pgTable('refresh_token', {
  id: uuid().primaryKey(),
  familyId: uuid('family_id').notNull(),
  accountId: uuid('account_id').notNull(),
  parentId: uuid('parent_id'),
  tokenSha256: text('token_sha256').notNull(),
  createdAt: moment('created_at').notNull(),
  usedAt: moment('used_at'),
  expiresAt: moment('expires_at').notNull(),
  absoluteExpiresAt: moment('absolute_expires_at').notNull(),
  revokedAt: moment('revoked_at'),
});

/** A key that a person made for a program. */
export const personalAccessToken = pgTable('personal_access_token', {
  id: uuid().primaryKey(),
  householdId: uuid('household_id').notNull(),
  accountId: uuid('account_id').notNull(),
  name: text().notNull(),
  tokenSha256: text('token_sha256').notNull(),
  lastFour: text('last_four').notNull(),
  createdAt: moment('created_at').notNull(),
  lastUsedAt: moment('last_used_at'),
  revokedAt: moment('revoked_at'),
});
