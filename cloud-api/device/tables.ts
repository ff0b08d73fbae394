import { bigint, boolean, integer, json, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** What the factory made: one row per hardware id. */
export const hardware = pgTable('hardware', {
  hwId: text('hw_id').primaryKey(),
  tagUid: text('tag_uid').notNull(),
  keyId: integer('key_id').notNull(),
  model: integer().notNull(),
  batch: integer().notNull(),
  state: text({ enum: ['MADE', 'PROVISIONED', 'RETIRED', 'BLOCKED'] }).notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
  registeredBy: text('registered_by'),
  stateReason: text('state_reason'),
  /** The tag that proves itself anew at each read. */
  sunTagUid: text('sun_tag_uid'),
});

/** How far a tag that proves itself has counted, whichever hub carries it. */
export const sunTag = pgTable('sun_tag', {
  uid: text().primaryKey(),
  counter: integer().notNull(),
});

/** A hub that has a device certificate; it has a household while it is bound. */
export const hub = pgTable('hub', {
  id: uuid().primaryKey(),
  householdId: uuid('household_id'),
  thingName: text('thing_name').notNull(),
  hwId: text('hw_id').notNull(),
  model: text(),
  version: text(),
  createdAt: moment('created_at').notNull(),
  boundAt: moment('bound_at'),
  lastSeenAt: moment('last_seen_at'),
  lastHeartbeatAt: moment('last_heartbeat_at'),
  nextHeartbeatS: integer('next_heartbeat_s'),
  heartbeat: json(),
  stateRev: bigint('state_rev', { mode: 'number' }).notNull().default(0),
  downNext: bigint('down_next', { mode: 'number' }).notNull().default(1),
  downAcked: bigint('down_acked', { mode: 'number' }).notNull().default(0),
});

/**
 * A device certificate that the pre-provisioning hook let through, and its public key. One that replaces another is
 * pending, with `commitBy`, until its hub commits it.
 */
export const certificate = pgTable('certificate', {
  id: text().primaryKey(),
  hubId: uuid('hub_id').notNull(),
  thingName: text('thing_name').notNull(),
  publicKeyPem: text('public_key_pem').notNull(),
  publicKeySha256: text('public_key_sha256').notNull(),
  claimCertificateId: text('claim_certificate_id').notNull(),
  createdAt: moment('created_at').notNull(),
  firstUsedAt: moment('first_used_at'),
  replaces: text(),
  commitBy: moment('commit_by'),
  revokedAt: moment('revoked_at'),
  revokedReason: text('revoked_reason', {
    enum: ['replaced', 'rotated', 'never-committed', 'reprovisioned', 'blocked', 'retired'],
  }),
  /** When AWS IoT had it inactive and detached. */
  deactivatedAt: moment('deactivated_at'),
});

/** Which claim certificates the hardware of a batch may use. */
export const batchClaimCertificate = pgTable(
  'batch_claim_certificate',
  {
    batch: integer().notNull(),
    claimCertificateId: text('claim_certificate_id').notNull(),
    createdAt: moment('created_at').notNull(),
    /** Taken off the list; that it stood there is remembered. */
    removedAt: moment('removed_at'),
  },
  (table) => [primaryKey({ columns: [table.batch, table.claimCertificateId] })],
);

/** What the hook decided, and why. */
export const provisioningDecision = pgTable('provisioning_decision', {
  id: uuid().primaryKey(),
  at: moment('at').notNull(),
  allowed: boolean().notNull(),
  reason: text(),
  hwId: text('hw_id'),
  certificateId: text('certificate_id').notNull(),
  claimCertificateId: text('claim_certificate_id').notNull(),
  clientId: text('client_id').notNull(),
  kind: text({ enum: ['claim', 'rotation'] }).notNull(),
  ticketId: uuid('ticket_id'),
  twinThingName: text('twin_thing_name'),
});

/** Leave to give hardware that was at work already a new certificate. */
export const reprovisionTicket = pgTable('reprovision_ticket', {
  id: uuid().primaryKey(),
  hwId: text('hw_id').notNull(),
  issuer: text({ enum: ['owner', 'operator', 'technician'] }).notNull(),
  householdId: uuid('household_id'),
  accountId: uuid('account_id'),
  technician: text(),
  workOrderId: text('work_order_id'),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at').notNull(),
  cancelledAt: moment('cancelled_at'),
  usedAt: moment('used_at'),
  usedBy: text('used_by'),
});
