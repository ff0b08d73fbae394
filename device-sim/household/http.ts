import { z } from 'zod';
import { SimError } from '../errors.js';

const REQUEST_LIMIT_MS = 60_000;

const ErrorBodySchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

export type Call = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  token?: string;
  headers?: Record<string, string>;
  json?: unknown;
  form?: FormData;
};

/**
 * One HTTP exchange whose JSON answer is parsed.
 * @throws SimError `household.refused` with status, code and message of a refusal.
 */
export async function callJson<T>(call: Call, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  const response = await send(call, signal);
  return schema.parse(await response.json());
}

/** The same where the answer is bytes. */
export async function callBytes(call: Call, signal: AbortSignal): Promise<Uint8Array> {
  const response = await send(call, signal);
  return new Uint8Array(await response.arrayBuffer());
}

/** The same where the answer does not matter. */
export async function callOnly(call: Call, signal: AbortSignal): Promise<void> {
  const response = await send(call, signal);
  await response.arrayBuffer();
}

async function send({ method, url, token, headers, json, form }: Call, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, {
    method,
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]),
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(form === undefined ? {} : { body: form }),
  });
  if (response.ok) return response;
  const text = await response.text();
  const problem = ErrorBodySchema.safeParse(parsed(text));
  const said = problem.success ? `${problem.data.error.code}: ${problem.data.error.message}` : text.slice(0, 200);
  throw new SimError('household.refused', `${method} ${new URL(url).pathname} answered ${response.status} ${said}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
