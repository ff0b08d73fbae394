import { z } from 'zod';
import { PCSC_FAILURES } from './failure.js';

/** The longest command and answer of a short APDU with what readers put around it, in bytes. */
export const MAX_APDU_BYTES = 512;

const HexSchema = z
  .string()
  .max(2 * MAX_APDU_BYTES)
  .regex(/^(?:[0-9a-f]{2})*$/);
const IdSchema = z.int().min(1);

/** What the process that speaks to pcscd is asked. Each question is answered once, under its id. */
export const QuestionSchema = z.discriminatedUnion('op', [
  z.object({ id: IdSchema, op: z.literal('list') }),
  z.object({ id: IdSchema, op: z.literal('transmit'), reader: z.string(), tag: z.int(), apdu: HexSchema }),
]);

const ReaderSchema = z.object({
  name: z.string(),
  /** In hex, where a tag lies on it. */
  atr: HexSchema.optional(),
  /** How many tags have been laid on it; a question to one of them is not answered by another. */
  tag: z.int(),
  /** Why the tag that lies on it cannot be spoken to. */
  failure: z.object({ code: z.enum(PCSC_FAILURES), message: z.string() }).optional(),
});

/** What it says: that it listens, the answers, or why it ends. */
export const NewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('list'), id: IdSchema, readers: z.array(ReaderSchema) }),
  z.object({ kind: z.literal('answer'), id: IdSchema, apdu: HexSchema }),
  z.object({ kind: z.literal('failed'), id: IdSchema, code: z.enum(PCSC_FAILURES), message: z.string() }),
  z.object({ kind: z.literal('ending'), code: z.enum(PCSC_FAILURES), message: z.string() }),
]);

export type Question = z.infer<typeof QuestionSchema>;
export type News = z.infer<typeof NewsSchema>;
export type ListedReader = z.infer<typeof ReaderSchema>;
