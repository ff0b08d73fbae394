import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import {
  ProblemSchema,
  parseJson,
  SYNC_WINDOW,
  type SyncReply,
  SyncReplySchema,
  type SyncRequest,
} from '../../contract/index.js';
import { HubError } from '../errors.js';
import { askCloud, type CloudHttpOptions, readLimited } from './cloud-http.js';

/** A reply whose commands are judged one by one, so that one bad command does not spoil the others. */
export type Reply = Omit<SyncReply, 'down'> & { down: unknown[] };

const ReplySchema = SyncReplySchema.extend({ down: z.array(z.unknown()) });
const BusySchema = ProblemSchema.extend({ retryMs: z.number().int().nonnegative().optional() });

// Sync protocol, section 3: below this, gzip costs more than it saves.
const GZIP_FROM_EVENTS = 10;
const TIMEOUT_MS = 30_000;
const TOO_LARGE = 413;
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;
const MAX_REPLY_BYTES = 64 * SYNC_WINDOW.bytes;

/** Longer is nobody's to ask for: a filter on the way may name any time. */
const LONGEST_RETRY_MS = 60 * 60 * 1000;

/**
 * One `POST /v1/sync`. Whoever answers in place of the cloud, the exchange failed and nothing else happened.
 * @throws HubError `sync.unreachable`, `sync.refused`, `sync.version`, `sync.too-large`, `sync.busy` (details: `retryMs`)
 */
export async function exchange(cloud: CloudHttpOptions, request: SyncRequest, signal: AbortSignal): Promise<Reply> {
  const response = await send(cloud, request, signal);
  const bytes = await readLimited(response, MAX_REPLY_BYTES).catch((error: unknown) => {
    throw new HubError('sync.unreachable', 'the reply broke off', { cause: error });
  });
  if (response.ok) {
    const reply = parseJson(ReplySchema, bytes);
    if (reply.ok) return reply.value;
    const what = reply.refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
    throw new HubError('sync.unreachable', `not a reply of the protocol: ${what}`);
  }
  throw refusal(response, bytes);
}

/** What a status other than 2xx means. Only the cloud's own words are its refusal: a proxy's page may be gone in a minute. */
function refusal(response: Response, bytes: Uint8Array): HubError {
  const { status } = response;
  const problem = parseJson(BusySchema, bytes);
  const said = problem.ok ? `${problem.value.error.code}: ${problem.value.error.message}` : 'nothing of ours';
  const message = `the cloud answered ${status}, ${said}`;
  if (status === TOO_MANY_REQUESTS || status === UNAVAILABLE) {
    return new HubError('sync.busy', message, { details: { retryMs: retryMsOf(response, problem) } });
  }
  if (status === TOO_LARGE) return new HubError('sync.too-large', message);
  if (!problem.ok || status >= 500 || status < 400) return new HubError('sync.unreachable', message);
  return new HubError(problem.value.error.code === 'E_VERSION' ? 'sync.version' : 'sync.refused', message);
}

async function send(cloud: CloudHttpOptions, request: SyncRequest, signal: AbortSignal): Promise<Response> {
  const json = JSON.stringify(request);
  const events = request.logs.reduce((sum, slice) => sum + slice.events.length, 0);
  const isZipped = events >= GZIP_FROM_EVENTS;
  const headers = new Headers({ 'content-type': 'application/json' });
  if (isZipped) headers.set('content-encoding', 'gzip');
  const body = isZipped ? gzipSync(json, { level: 1 }) : json;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    // A sign-in page that redirects is not the cloud.
    const init: RequestInit = { method: 'POST', headers, body, signal: limit, redirect: 'error' };
    return await askCloud(cloud, '/v1/sync', init);
  } catch (error) {
    throw new HubError('sync.unreachable', 'the cloud did not answer', { cause: error });
  }
}

function retryMsOf(
  response: Response,
  problem: ReturnType<typeof parseJson<z.infer<typeof BusySchema>>>,
): number | null {
  if (problem.ok) {
    const told = problem.value.retryMs ?? problem.value.error.details.retryMs;
    if (typeof told === 'number' && told >= 0) return Math.min(told, LONGEST_RETRY_MS);
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, LONGEST_RETRY_MS) : null;
}
