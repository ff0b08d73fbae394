import { z } from 'zod';
import { parseJson } from '../../../contract/index.js';
import { readLimited } from '../cloud/read-limited.js';
import type { Tool } from '../command.js';
import { type Found, failed, notAsked, ok } from './finding.js';

/** What of the hub's `/api/status` matters here. */
const HubStatusSchema = z.object({
  version: z.string(),
  hwId: z.string().nullable(),
  thingName: z.string().nullable(),
  identity: z.object({
    state: z.string(),
    code: z.string().nullable(),
    message: z.string().nullable(),
    advice: z.string().nullable(),
  }),
  link: z.object({ connected: z.boolean(), connectedSince: z.string().nullable() }),
  sync: z.object({ lastSuccessAt: z.string().nullable(), lastError: z.string().nullable() }),
});

export type HubStatus = z.infer<typeof HubStatusSchema>;

/** What came of asking the hub; `dateMs` is the hub's clock. */
export type HubPage = { found: Found; status?: HubStatus; dateMs?: number };

const LIMIT_MS = 5000;
const MAX_BYTES = 256 * 1024;

/** Asks the hub's own page in the household's network. */
export async function askHub(url: string | undefined, { fetch, clock, signal }: Tool): Promise<HubPage> {
  if (url === undefined) return { found: notAsked('--hub') };
  const over = new AbortController();
  const limit = clock.sleep(LIMIT_MS, AbortSignal.any([over.signal, signal]));
  const late = limit.then(() => over.abort()).catch(() => undefined);
  try {
    const response = await fetch(new URL('/api/status', url), { signal: AbortSignal.any([over.signal, signal]) });
    const parsed = parseJson(HubStatusSchema, await readLimited(response, MAX_BYTES));
    if (!parsed.ok) return { found: failed('hub.bad-answer', `${url} answers ${response.status}, and not as a hub`) };
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    const { thingName, version } = parsed.value;
    const found = ok(`${thingName ?? 'a hub without a name'}, version ${version}`);
    return { found, status: parsed.value, ...(Number.isNaN(dateMs) ? {} : { dateMs }) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { found: failed('hub.unreachable', `${url}: ${over.signal.aborted ? 'no answer' : reason}`) };
  } finally {
    over.abort();
    await late;
  }
}

/** What the hub says of itself. */
export function hubSays(status: HubStatus | undefined): Found {
  if (status === undefined) return notAsked('--hub');
  const { identity, link, sync } = status;
  if (link.connected) return ok(`connected since ${link.connectedSince ?? 'just now'}`);
  if (identity.state === 'local-only') return failed('hub.local-only', 'it is meant to work on its own');
  if (identity.code !== null) {
    const advice = identity.advice ?? 'see what the hub’s page says';
    return { status: 'failed', code: identity.code, message: identity.message ?? identity.state, advice };
  }
  return failed('hub.not-connected', sync.lastError ?? `its identity is ${identity.state}`);
}
