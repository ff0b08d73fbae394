import type { z } from 'zod';

/** One thing wrong with a message: where, and why. */
export type Refusal = { path: string; reason: string };

/** What came of parsing: the value, or everything that is wrong with it. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; refusals: Refusal[] };

/** Parses a value that came over a wire; a refusal names the path and the reason of each problem. */
export function parseMessage<T>(schema: z.ZodType<T>, value: unknown): Parsed<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return {
    ok: false,
    refusals: result.error.issues.map((issue) => ({ path: issue.path.join('.'), reason: issue.message })),
  };
}

/** The same for JSON as bytes or text; what is not JSON is refused at the path "". */
export function parseJson<T>(schema: z.ZodType<T>, json: string | Uint8Array): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch {
    return { ok: false, refusals: [{ path: '', reason: 'not JSON in UTF-8' }] };
  }
  return parseMessage(schema, value);
}
