import { z } from 'zod';
import { IdSchema, Sha256Schema, TimestampSchema } from './fields.js';
import {
  ContentRefSchema,
  FailureSchema,
  GivenIdSchema,
  OutputFormatSchema,
  PageQuerySchema,
  pageOf,
} from './public-api.js';

export const PublicPresentationStateSchema = z.enum([
  'preparing',
  'ready',
  'queued',
  'published',
  'confirmed',
  'expired',
  'failed',
]);

export type PublicPresentationState = z.infer<typeof PublicPresentationStateSchema>;

/** The frame as a picture, at a signed URL of the cloud's own that needs no token and expires. */
export const PresentationImageSchema = z.object({
  url: z.url(),
  format: OutputFormatSchema,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  expiresAt: TimestampSchema,
  updatedAt: TimestampSchema,
});

/** A presentation drawn for one geometry; `url` and `expiresAt` are null together. */
export const RenditionSchema = z.object({
  id: IdSchema,
  mediaType: z.string().min(1),
  format: OutputFormatSchema,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  colorMode: z.string().min(1),
  state: z.enum(['preparing', 'ready', 'failed']),
  url: z.url().nullable(),
  expiresAt: TimestampSchema.nullable(),
  updatedAt: TimestampSchema,
  failure: FailureSchema.nullable(),
});

export type Rendition = z.infer<typeof RenditionSchema>;

const MaybeMomentSchema = TimestampSchema.nullable();

/** Contents prepared for one display, as a client sees it; `displayId` null for one that was made for none. */
export const PublicPresentationSchema = z.object({
  id: IdSchema,
  displayId: IdSchema.nullable(),
  analysisId: IdSchema.nullable(),
  contentIds: z.array(ContentRefSchema),
  mode: z.enum(['ai', 'direct']),
  state: PublicPresentationStateSchema,
  title: z.string().nullable(),
  output: z.null(),
  scene: z.null(),
  renditions: z.array(RenditionSchema),
  image: PresentationImageSchema.nullable(),
  failure: FailureSchema.nullable(),
  createdAt: TimestampSchema,
  updatedAt: TimestampSchema,
  times: z
    .object({
      asked: MaybeMomentSchema,
      received: MaybeMomentSchema,
      rendered: MaybeMomentSchema,
      painted: MaybeMomentSchema,
      confirmed: MaybeMomentSchema,
    })
    .describe("when each step happened, by the hub's clock after the first; of the last time that it was shown"),
  frameSha256: Sha256Schema.nullable().describe('SHA-256 of the packed frame; on the glass once confirmed'),
  origin: z.enum(['cloud', 'local']).describe('local: a person asked for it at the hub'),
});

export type PublicPresentation = z.infer<typeof PublicPresentationSchema>;

/** A page of presentations; the history has no window, it goes back to the first. */
export const PresentationPageSchema = pageOf(PublicPresentationSchema).extend({ historyWindowStart: z.null() });

/** Which presentations a list holds. */
export const PresentationsQuerySchema = PageQuerySchema.extend({
  scope: z.enum(['generated', 'display', 'all']).optional(),
  state: PublicPresentationStateSchema.optional(),
  displayId: GivenIdSchema.optional(),
});

/** `POST /presentations/{id}/renditions`. */
export const NewRenditionSchema = z.object({
  preset: z.string().nullable().optional(),
  viewport: z
    .object({ width: z.number().int().min(1).max(8192), height: z.number().int().min(1).max(8192) })
    .nullable()
    .optional(),
  colorMode: z.string().nullable().optional(),
  formats: z.array(z.literal('png')).min(1).max(1),
});

export type NewRendition = z.infer<typeof NewRenditionSchema>;
