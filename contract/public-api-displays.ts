import { z } from 'zod';
import { IdSchema, TimestampSchema } from './fields.js';
import { ContentRefSchema, GivenIdSchema, OutputFormatSchema, PageQuerySchema, pageOf } from './public-api.js';
import { PublicPresentationSchema, PublicPresentationStateSchema } from './public-api-presentations.js';

/** What a display can show. `colorMode` names its inks in the order of their ink index, with commas between. */
export const CapabilitiesSchema = z.object({
  pixelWidth: z.number().int().positive(),
  pixelHeight: z.number().int().positive(),
  orientation: z.enum(['landscape', 'portrait', 'square']),
  colorMode: z.string().min(1),
  supportedImageContentTypes: z.array(z.string()),
  supportedOutputFormats: z.array(OutputFormatSchema),
});

/** A display as its hub reported it; what no hub reported is null. */
export const PublicDisplaySchema = z.object({
  id: IdSchema,
  hardwareId: z.string().min(1),
  thingName: z.string().min(1),
  name: z.string().min(1),
  nickname: z.string().min(1).nullable(),
  firmware: z.string().min(1).nullable(),
  batteryPercent: z.number().nullable(),
  online: z.boolean(),
  lastSeenAt: TimestampSchema.nullable(),
  stateUpdatedAt: TimestampSchema.nullable(),
  boundAt: TimestampSchema.nullable(),
  tags: z.array(z.string()),
  syncIntervalMinutes: z.number().nullable(),
  nextSyncAt: TimestampSchema.nullable(),
  currentPresentationId: IdSchema.nullable(),
  currentPresentationUpdatedAt: TimestampSchema.nullable(),
  pendingPresentationId: IdSchema.nullable(),
  capabilities: CapabilitiesSchema,
});

export type PublicDisplay = z.infer<typeof PublicDisplaySchema>;

export const DisplayPageSchema = pageOf(PublicDisplaySchema);

/** What waits for a display. */
export const QueueItemSchema = z.object({
  id: IdSchema,
  displayId: IdSchema,
  contentIds: z.array(ContentRefSchema),
  mode: z.enum(['ai', 'direct']),
  state: PublicPresentationStateSchema,
  createdAt: TimestampSchema,
  updatedAt: TimestampSchema,
});

export const QueuePageSchema = pageOf(QueueItemSchema);

const MomentSchema = z.iso.datetime({ offset: true });

/** Which waiting presentations a list holds, by when they were made. */
export const QueueQuerySchema = PageQuerySchema.extend({ from: MomentSchema.optional(), to: MomentSchema.optional() });

/** The last presentation that the glass was proved to show; null before the first. */
export const CurrentPresentationSchema = z.object({ presentation: PublicPresentationSchema.nullable() });

/** `POST /displays/{id}/current`: a presentation that this display has shown before. */
export const ShowAgainSchema = z.object({ presentationId: GivenIdSchema });

/** Its answer: the presentation is pending until the glass is proved to show it. */
export const ShownAgainSchema = z.object({ display: PublicDisplaySchema });

/** `POST /displays/{id}/advance`; nothing waited if `changed` is false. */
export const AdvancedSchema = z.object({ display: PublicDisplaySchema, changed: z.boolean() });
