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
const MAX_REPLY_BYTES = 64 * SYNC_WINDOW.bytes;

/**
 * One `POST /v1/sync`.
 * @throws HubError `sync.unreachable`, `sync.refused`, `sync.busy` (details: `retryMs`)
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
  const problem = parseJson(BusySchema, bytes);
  const said = problem.ok ? `${problem.value.error.code}: ${problem.value.error.message}` : 'nothing of ours';
  const message = `the cloud answered ${response.status}, ${said}`;
  if (response.status === 429 || response.status === 503) {
    throw new HubError('sync.busy', message, { details: { retryMs: retryMsOf(response, problem) } });
  }
  throw new HubError(response.status >= 500 ? 'sync.unreachable' : 'sync.refused', message);
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
    return await askCloud(cloud, '/v1/sync', { method: 'POST', headers, body, signal: limit });
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
    if (typeof told === 'number' && told >= 0) return told;
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
