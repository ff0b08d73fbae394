import { z } from 'zod';
import { IdSchema } from './fields.js';

/** Where the public API lives below the base URL of the cloud. */
export const PUBLIC_API_PREFIX = '/api/sdk/v1';

/** The largest asset, in bytes. */
export const MAX_ASSET_BYTES = 10 * 1024 * 1024;

/** Text that PostgreSQL keeps: it refuses U+0000 and lone surrogates. */
export const PlainTextSchema = z
  .string()
  .refine((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text), 'holds U+0000 or half a surrogate pair');

/** Why a content, an analysis, a presentation or a rendition failed. */
export const FailureSchema = z.object({
  code: z.string().min(1),
  message: z.string().min(1),
  retryable: z.boolean(),
  stage: z.string().min(1).nullable(),
  assetIndex: z.number().int().nullable().describe('the asset that is to blame, by its place in its content'),
});

export type Failure = z.infer<typeof FailureSchema>;

/** An id as a caller writes it: in either case. */
export const GivenIdSchema = z.uuid().toLowerCase();

/** Names a creating call, so that a repetition of it creates nothing: 8 to 128 printable ASCII characters, no space. */
export const IdempotencyKeySchema = z.string().regex(/^[\x21-\x7e]{8,128}$/, 'not 8 to 128 printable ASCII characters');

const LimitSchema = z
  .string()
  .regex(/^[1-9]\d?$/, 'not a whole number from 1 to 50')
  .transform(Number)
  .pipe(z.number().max(50));

/** What every list takes: where to go on, and how many items (1 to 50, else 20). */
export const PageQuerySchema = z.object({
  cursor: z.string().min(1).max(500).optional().describe('the nextCursor of the page before'),
  limit: LimitSchema.optional(),
});

/** A page of a list; `nextCursor` is null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), hasMore: z.boolean(), nextCursor: z.string().nullable() });
}

/** A content as a presentation names it: `input` is laid out, `context` was read beside it. */
export const ContentRefSchema = z.object({ id: IdSchema, role: z.enum(['input', 'context']) });

/** The encodings of a frame as a picture; raw2 and raw4 are its ink indexes at 2 and 4 bits. */
export const OutputFormatSchema = z.enum(['png', 'raw2', 'raw4']);

export type OutputFormat = z.infer<typeof OutputFormatSchema>;

/** Picks the encoding of `image`. */
export const FormatQuerySchema = z.object({ format: OutputFormatSchema.optional() });
