import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PageSchema, parseMessage } from '../../contract/index.js';
import type { LocalContent } from '../display/local-contents.js';
import { HubError } from '../errors.js';

/** The most that one upload may hold. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** What the multipart reader is held to. */
export const FORM_LIMITS = {
  fileSize: MAX_BODY_BYTES,
  files: 1,
  fields: 10,
  fieldSize: 128 * 1024,
  parts: 12,
} as const;

const { title, text, align, fit } = PageSchema.shape;

export const ContentSchema = z.object({
  title: title.optional(),
  text: text.optional(),
  align: align.optional(),
  qr: z.string().max(1000).nullable().optional(),
  fit: fit.optional(),
});

/**
 * The content of a request: JSON, or a form with a file named `picture`.
 * @throws HubError `request.invalid`, `request.unsupported-media-type`, `content.unreadable`
 */
export async function readContent(request: FastifyRequest): Promise<LocalContent> {
  if (!request.isMultipart()) return parsed(request.body);
  try {
    return await readForm(request);
  } catch (cause) {
    // What the framework refuses has a status; anything else is a form that broke off or is none.
    if (cause instanceof HubError || (cause instanceof Error && 'statusCode' in cause)) throw cause;
    throw new HubError('request.invalid', 'the form cannot be read', { cause });
  }
}

async function readForm(request: FastifyRequest): Promise<LocalContent> {
  const fields: Record<string, string> = {};
  let picture: Uint8Array | undefined;
  for await (const part of request.parts({ limits: FORM_LIMITS })) {
    if (part.type === 'file') {
      const bytes = await part.toBuffer();
      if (part.fieldname === 'picture' && bytes.length > 0) picture = bytes;
    } else if (typeof part.value === 'string') {
      fields[part.fieldname] = part.value;
    }
  }
  return { ...parsed(fields), picture };
}

function parsed(value: unknown): z.infer<typeof ContentSchema> {
  const content = parseMessage(ContentSchema, value);
  if (content.ok) return content.value;
  const details = { issues: content.refusals };
  throw new HubError('request.invalid', 'the content is not what the hub takes', { details });
}
