import { z } from 'zod';
import { CertificateIdSchema } from './certificates.js';
import { IdSchema, Sha256Schema, TimestampSchema } from './fields.js';
import type { Lane } from './sync.js';

const OriginSchema = z.enum(['cloud', 'local']).describe('who asked: the cloud by a command, or a person at the hub');

const PresentationEventSchema = z.object({
  presentationId: IdSchema,
  displayId: IdSchema,
  cmdId: IdSchema.nullable().describe('null for what was asked at the hub'),
  origin: OriginSchema,
});

/** When each step of a presentation happened, by the hub's clock. */
export const PresentationTimesSchema = z.object({
  received: TimestampSchema,
  rendered: TimestampSchema,
  painted: TimestampSchema.describe('the panel released BUSY after its refresh'),
  confirmed: TimestampSchema.describe('the proof was committed'),
});

export type PresentationTimes = z.infer<typeof PresentationTimesSchema>;

/** Why a hub changes its key and certificate. */
export const RotationReasonSchema = z.enum(['age', 'operator', 'job']);

/** What a rotation was doing: its steps in their order. */
export const RotationStepSchema = z.enum(['key', 'certificate', 'register', 'verify', 'commit']);

export type RotationStep = z.infer<typeof RotationStepSchema>;

const EVENT_BODIES = {
  'hub.started': z.object({ version: z.string(), bootId: IdSchema }),
  'cmd.result': z.object({
    cmdId: IdSchema,
    kind: z.string(),
    state: z.enum(['applied', 'failed', 'superseded', 'expired', 'unknown']),
    code: z.string().nullable().describe('why, for any state but applied'),
    message: z.string().nullable(),
  }),
  'presentation.received': PresentationEventSchema.extend({ at: TimestampSchema }),
  'presentation.confirmed': PresentationEventSchema.extend({
    frameSha256: Sha256Schema,
    refresh: z.enum(['full', 'fast', 'partial']),
    times: PresentationTimesSchema,
  }),
  'presentation.superseded': PresentationEventSchema.extend({ at: TimestampSchema, by: IdSchema.nullable() }),
  'presentation.failed': PresentationEventSchema.extend({
    at: TimestampSchema,
    stage: z.enum(['fetch', 'render', 'paint']),
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
  }),
  'certificate.rotated': z.object({
    certificateId: CertificateIdSchema.describe("the hub's from now on"),
    replacedCertificateId: CertificateIdSchema,
    reason: RotationReasonSchema,
  }),
  'certificate.rotation-failed': z.object({
    reason: RotationReasonSchema,
    step: RotationStepSchema.describe('where it failed; the hub is back with its old pair'),
    code: z.string(),
    message: z.string(),
    certificateId: CertificateIdSchema.optional().describe('given up: it was issued, and will never be committed'),
  }),
  'identity.clone-suspected': z.object({
    at: TimestampSchema,
    takeOvers: z.number().int().positive().describe("in a row, by another client under this hub's client id"),
  }),
  'binding.local': z.object({
    bindingId: IdSchema,
    householdName: z.string().min(1).max(100),
    at: TimestampSchema.describe("by the hub's clock"),
    receiptSha256: Sha256Schema.describe('of the receipt that the person was given; it is nowhere else'),
    endedAt: TimestampSchema.optional().describe('when the household left the hub again, at the hub'),
  }),
  'link.changed': z.object({
    at: TimestampSchema,
    connected: z.boolean().describe('to AWS IoT Core'),
    reason: z.string().max(200).nullable().describe('why it was lost, by its code; null for a connection'),
  }),
  'storage.trouble': z.object({
    at: TimestampSchema,
    code: z.string().max(64).describe('e.g. storage.full, storage.damaged'),
    freeBytes: z.number().int().nonnegative().nullable(),
  }),
  'hub.telemetry': z.object({
    at: TimestampSchema,
    uptimeS: z.number().nonnegative(),
    rssBytes: z.number().int().nonnegative(),
    temperatureC: z.number().nullable().describe('of the processor; null where it cannot be read'),
    freeBytes: z.number().int().nonnegative().nullable().describe('on the card; null where it cannot be read'),
    queueRows: z.number().int().nonnegative(),
    queueBytes: z.number().int().nonnegative(),
  }),
  'hub.warned': z.object({
    at: TimestampSchema,
    level: z.enum(['warn', 'error', 'fatal']),
    mod: z.string().max(64).describe('the part of the hub that wrote the line'),
    message: z.string().max(200).describe('the constant sentence of the line, never its values'),
    code: z.string().max(64).nullable(),
    count: z.number().int().positive().describe('such lines since the one before'),
  }),
} as const;

/** The lane that each type travels in: 0 control, 1 event, 2 telemetry, 3 bulk. Source: sync protocol, sections 1 and 6. */
export const LANE_OF_EVENT = {
  'hub.started': 0,
  'cmd.result': 0,
  'presentation.received': 0,
  'presentation.confirmed': 0,
  'presentation.superseded': 0,
  'presentation.failed': 0,
  'certificate.rotated': 0,
  'certificate.rotation-failed': 0,
  'identity.clone-suspected': 0,
  'binding.local': 0,
  'link.changed': 1,
  'storage.trouble': 1,
  'hub.telemetry': 2,
  'hub.warned': 3,
} as const satisfies Record<keyof typeof EVENT_BODIES, Lane>;

/** The body of an event of version 1, by its type. */
export const HubEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hub.started'), body: EVENT_BODIES['hub.started'] }),
  z.object({ type: z.literal('cmd.result'), body: EVENT_BODIES['cmd.result'] }),
  z.object({ type: z.literal('presentation.received'), body: EVENT_BODIES['presentation.received'] }),
  z.object({ type: z.literal('presentation.confirmed'), body: EVENT_BODIES['presentation.confirmed'] }),
  z.object({ type: z.literal('presentation.superseded'), body: EVENT_BODIES['presentation.superseded'] }),
  z.object({ type: z.literal('presentation.failed'), body: EVENT_BODIES['presentation.failed'] }),
  z.object({ type: z.literal('certificate.rotated'), body: EVENT_BODIES['certificate.rotated'] }),
  z.object({ type: z.literal('certificate.rotation-failed'), body: EVENT_BODIES['certificate.rotation-failed'] }),
  z.object({ type: z.literal('identity.clone-suspected'), body: EVENT_BODIES['identity.clone-suspected'] }),
  z.object({ type: z.literal('binding.local'), body: EVENT_BODIES['binding.local'] }),
  z.object({ type: z.literal('link.changed'), body: EVENT_BODIES['link.changed'] }),
  z.object({ type: z.literal('storage.trouble'), body: EVENT_BODIES['storage.trouble'] }),
  z.object({ type: z.literal('hub.telemetry'), body: EVENT_BODIES['hub.telemetry'] }),
  z.object({ type: z.literal('hub.warned'), body: EVENT_BODIES['hub.warned'] }),
]);

export type HubEvent = z.infer<typeof HubEventSchema>;
