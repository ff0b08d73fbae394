import { z } from 'zod';
import { IdSchema, Sha256Schema, TimestampSchema } from './fields.js';

/** The most characters of text that one page carries; more could pass the 128 KiB of an MQTT message. */
export const MAX_PAGE_TEXT_CHARACTERS = 20_000;

/** The pictures that render reads. */
export const PictureTypeSchema = z.enum([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/tiff',
  'image/svg+xml',
]);

/** A picture by its hash; the hub fetches it once from `/v1/assets/{sha256}`. */
export const PictureRefSchema = z.object({
  sha256: Sha256Schema,
  contentType: PictureTypeSchema,
  sizeBytes: z.number().int().positive(),
});

/** What one display is to show, laid out by the same rules on the hub and in the cloud. */
export const PageSchema = z.object({
  title: z.string().max(500).nullable(),
  text: z.string().max(MAX_PAGE_TEXT_CHARACTERS).nullable(),
  align: z.enum(['start', 'centre', 'end']),
  qr: z.string().min(1).max(1000).nullable().describe('what a QR code beside the text says'),
  pictures: z.array(PictureRefSchema).max(50),
  fit: z.enum(['fit', 'fill']).describe('fit shows the whole picture, fill crops it to the whole area'),
});

export type Page = z.infer<typeof PageSchema>;

const ShowSchema = z.object({
  displayId: IdSchema,
  presentationId: IdSchema,
  askedAt: TimestampSchema.describe('when the person asked for it'),
  page: PageSchema,
});

/** The letters of a claim code: no vowels, so that no code is a word, and none that is taken for a digit. */
export const CLAIM_CODE_ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';

/** Eight letters of RFC 8628 section 6.1's alphabet, shown XXXX-XXXX. */
export const ClaimCodeSchema = z
  .string()
  .regex(new RegExp(`^[${CLAIM_CODE_ALPHABET}]{4}-[${CLAIM_CODE_ALPHABET}]{4}$`));

const ClaimWordSchema = z.string().min(1).max(24).describe('shown on the glass and to the person, who compares them');
const HouseholdNameSchema = z.string().min(1).max(100);

const BODIES = {
  text: ShowSchema,
  image: ShowSchema,
  claim_code: z.object({
    requestId: IdSchema,
    code: ClaimCodeSchema,
    url: z.url().describe('opens the binding page with the code filled in; the QR code on the glass'),
    word: ClaimWordSchema,
    expiresAt: TimestampSchema,
    transfer: z
      .object({ fromHouseholdId: IdSchema })
      .optional()
      .describe('the household that offers the hub to another; until that one has it, all goes on for the former'),
  }),
  claim_asked: z.object({
    claimId: IdSchema,
    householdName: HouseholdNameSchema.describe('who wants the hub'),
    word: ClaimWordSchema,
    expiresAt: TimestampSchema,
    transfer: z.boolean().optional().describe('the hub belongs to a household that has offered it'),
  }),
  claim_over: z.object({}).describe('no claim code is wanted: what a bound hub showed before comes back'),
  bound: z.object({
    householdId: IdSchema,
    householdName: HouseholdNameSchema,
    again: z.boolean().optional().describe('told once more: a hub that knew it already leaves its glass alone'),
    adopts: IdSchema.optional().describe('the binding that the hub made itself, which is this household from now on'),
  }),
  unbound: z.object({
    reason: z.enum(['released', 'household-deleted']),
    householdId: IdSchema.optional().describe('whom alone the hub leaves by this; whomever it belongs to if absent'),
  }),
  identify: z.object({ displayId: IdSchema, showForS: z.number().int().min(5).max(3600) }),
  refresh: z.object({ displayId: IdSchema }),
  config: z.object({
    heartbeatIntervalS: z.number().int().min(10).max(86_400).optional(),
    syncIntervalS: z.number().int().min(1).max(86_400).optional(),
    displayNames: z.record(IdSchema, z.string().min(1).max(100)).optional(),
  }),
  reboot: z.object({}),
  update: z.object({
    url: z.url(),
    version: z.string().min(1).max(64),
    sha256: Sha256Schema,
    sizeBytes: z.number().int().positive(),
  }),
  rotate: z.object({ reason: z.enum(['age', 'operator']) }),
} as const;

export type CommandKind = keyof typeof BODIES;

/** Commands whose effect must not be repeated: after a crash their outcome is unknown, and they are never run again. */
export const AT_MOST_ONCE_KINDS = ['reboot', 'unbound', 'claim_code'] as const satisfies readonly CommandKind[];

const EnvelopeSchema = z.object({
  v: z.literal(1),
  gen: z.string().min(1).max(64).describe("the cloud store's incarnation in which downSeq counts; rises as text"),
  cmdId: IdSchema,
  downSeq: z.number().int().positive(),
  slot: z.string().min(1).max(128).describe('what the command sets, e.g. frame:{displayId}'),
  rev: z.number().int().positive().describe('a higher revision supersedes all lower ones of its slot not yet started'),
  issuedAt: TimestampSchema,
  deadlineAt: TimestampSchema.nullable(),
  remainingMs: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .describe('the span left when it was offered; null: no deadline'),
});

/** One command, cloud to hub: on `down/cmd` as a hint, in the reply of a sync as the truth. */
export const CommandSchema = z.discriminatedUnion('kind', [
  EnvelopeSchema.extend({ kind: z.literal('text'), body: BODIES.text }),
  EnvelopeSchema.extend({ kind: z.literal('image'), body: BODIES.image }),
  EnvelopeSchema.extend({ kind: z.literal('claim_code'), body: BODIES.claim_code }),
  EnvelopeSchema.extend({ kind: z.literal('claim_asked'), body: BODIES.claim_asked }),
  EnvelopeSchema.extend({ kind: z.literal('claim_over'), body: BODIES.claim_over }),
  EnvelopeSchema.extend({ kind: z.literal('bound'), body: BODIES.bound }),
  EnvelopeSchema.extend({ kind: z.literal('unbound'), body: BODIES.unbound }),
  EnvelopeSchema.extend({ kind: z.literal('identify'), body: BODIES.identify }),
  EnvelopeSchema.extend({ kind: z.literal('refresh'), body: BODIES.refresh }),
  EnvelopeSchema.extend({ kind: z.literal('config'), body: BODIES.config }),
  EnvelopeSchema.extend({ kind: z.literal('reboot'), body: BODIES.reboot }),
  EnvelopeSchema.extend({ kind: z.literal('update'), body: BODIES.update }),
  EnvelopeSchema.extend({ kind: z.literal('rotate'), body: BODIES.rotate }),
]);

export type Command = z.infer<typeof CommandSchema>;

/** The envelope alone, for a kind that this hub does not know yet: it answers `failed`, `command.unknown-kind`. */
export const UnknownCommandSchema = EnvelopeSchema.extend({ kind: z.string().min(1).max(64), body: z.unknown() });

export type UnknownCommand = z.infer<typeof UnknownCommandSchema>;

/** Sent on `down/cmd` in place of a command too large for MQTT: there is something to fetch by sync. */
export const SyncHintSchema = z.object({ v: z.literal(1), hint: z.literal('sync') });

/** A superseded or withdrawn command, sent so that `downAcked` stays without holes. */
export const TombstoneSchema = z.object({
  v: z.literal(1),
  gen: z.string().min(1).max(64),
  cmdId: IdSchema,
  downSeq: z.number().int().positive(),
  slot: z.string().min(1).max(128),
  rev: z.number().int().positive(),
  tombstone: z.enum(['superseded', 'expired']),
});

export type Tombstone = z.infer<typeof TombstoneSchema>;
