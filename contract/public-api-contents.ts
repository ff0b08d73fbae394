import { z } from 'zod';
import { PictureTypeSchema } from './commands.js';
import { IdSchema, TimestampSchema } from './fields.js';
import { FailureSchema, PageQuerySchema, PlainTextSchema, pageOf } from './public-api.js';

/** The files that a content may hold besides pictures. */
export const FileTypeSchema = z.enum(['application/pdf', 'text/plain', 'text/markdown', 'application/json']);

const FilenameSchema = PlainTextSchema.pipe(z.string().min(1).max(255));
const SizeSchema = z.number().int().min(1).describe('1 to 10,485,760; more is answered 413');

const NewAssetSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: PlainTextSchema.pipe(z.string().min(1).max(100_000)) }),
  z.object({ type: z.literal('link'), url: PlainTextSchema.pipe(z.url({ protocol: /^https?$/ }).max(2048)) }),
  z.object({
    type: z.literal('image'),
    filename: FilenameSchema,
    contentType: PictureTypeSchema,
    sizeBytes: SizeSchema,
  }),
  z.object({ type: z.literal('file'), filename: FilenameSchema, contentType: FileTypeSchema, sizeBytes: SizeSchema }),
]);

/** One piece of raw input as it is submitted; pictures and files are uploaded afterwards. */
export type NewAsset = z.infer<typeof NewAssetSchema>;

/** `POST /contents`. */
export const NewContentSchema = z.object({
  title: PlainTextSchema.pipe(z.string().max(500)).nullable().default(null),
  assets: z.array(NewAssetSchema).min(1).max(50),
});

export type NewContent = z.infer<typeof NewContentSchema>;

export const AssetStateSchema = z.enum(['pending', 'uploaded', 'failed']);

/** One piece of a content as a client sees it; what its type has not is null. */
export const PublicAssetSchema = z.object({
  assetIndex: z.number().int().nonnegative(),
  type: z.enum(['text', 'link', 'image', 'file']),
  text: z.string().nullable(),
  url: z.string().nullable(),
  filename: z.string().nullable(),
  contentType: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  uploadState: AssetStateSchema,
});

export type PublicAsset = z.infer<typeof PublicAssetSchema>;

export const ContentStateSchema = z.enum(['pending', 'ready', 'failed']);

/** A submission as a client sees it; ready when every picture and file of it has arrived. */
export const PublicContentSchema = z.object({
  id: IdSchema,
  title: z.string().nullable(),
  state: ContentStateSchema,
  assets: z.array(PublicAssetSchema),
  failedAssetIndexes: z.array(z.number().int()),
  analysisIds: z.array(IdSchema),
  presentationIds: z.array(IdSchema),
  failure: FailureSchema.nullable(),
  createdAt: TimestampSchema,
  updatedAt: TimestampSchema,
});

export type PublicContent = z.infer<typeof PublicContentSchema>;

/** Leave to upload one asset: a multipart form with `fields` in order and a last part `file`, posted to `url`. */
export const UploadTicketSchema = z.object({
  assetIndex: z.number().int().nonnegative(),
  url: z.url(),
  fields: z.record(z.string(), z.string()),
  expiresAt: TimestampSchema,
});

export type UploadTicket = z.infer<typeof UploadTicketSchema>;

/** A content with a ticket for each picture and file that may be uploaded. */
export const TicketedContentSchema = z.object({
  content: PublicContentSchema,
  uploadTickets: z.array(UploadTicketSchema),
});

export type TicketedContent = z.infer<typeof TicketedContentSchema>;

/** `POST /contents/{id}/upload-tickets`. */
export const NewTicketsSchema = z.object({ assetIndexes: z.array(z.number().int().nonnegative()).min(1).max(50) });

export const ContentPageSchema = pageOf(PublicContentSchema);

/** Which contents a list holds; `q` is words that must all occur, of at most 200 characters. */
export const ContentsQuerySchema = PageQuerySchema.extend({
  state: ContentStateSchema.optional(),
  q: PlainTextSchema.pipe(z.string().max(200)).optional(),
});
