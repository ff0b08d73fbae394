import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ProblemSchema, SyncReplySchema } from '../../contract/index.js';
import { hubOf } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { CloudError } from '../errors.js';
import type { Sync } from './sync.js';
import { parseSyncInput } from './sync-input.js';
import { Turnstile } from './turnstile.js';

/** Inflated; a window of events is 256 KiB, registers and gaps come on top. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** What requests may hold together once they are inflated; read as JSON they take some times as much. */
const INSIDE_BYTES = 24 * 1024 * 1024;
const LEAST_BYTES = 16 * 1024;
/** Batches of telemetry shrink to a fifth up to a tenth. */
const GZIP_FACTOR = 10;
const UNTOLD_BYTES = 256 * 1024;
const MOST_WAITING = 4096;
/** Well below what a hub waits for an answer. */
const WAIT_MS = 10_000;

type SyncRouteParts = { sync: Sync; context: Pick<CloudContext, 'clock' | 'metrics'> };

/** A request that was let in: when it arrived, whether its hub still waits, and how it gives back its room. */
type Admission = { receivedAtMs: number; signal: AbortSignal; leave: () => void; isTaken: boolean };

export function syncRoutes({ sync, context: { clock, metrics } }: SyncRouteParts): FastifyPluginAsyncZod {
  const limits = { mostWeight: INSIDE_BYTES, mostWaiting: MOST_WAITING, waitMs: WAIT_MS };
  const turnstile = new Turnstile(clock, limits);
  const admissions = new WeakMap<FastifyRequest, Admission>();
  metrics.gauge('inklet_sync_held_back', () => turnstile.waiting);
  return async (app) => {
    app.post(
      '/v1/sync',
      {
        config: { access: { by: 'hub' } },
        bodyLimit: BODY_LIMIT_BYTES,
        schema: {
          body: z.looseObject({ v: z.number().int().positive() }),
          response: { 200: SyncReplySchema, default: ProblemSchema },
        },
        preParsing: async (request, reply, payload) => {
          const isPacked = isGzip(request);
          const receivedAtMs = clock.now();
          const signal = goneSignal(reply);
          // Before the body is read: a thousand hubs that come back at once wait in their sockets, not in memory.
          const leave = await turnstile.enter(weightOf(request, isPacked), signal);
          const admission = { receivedAtMs, signal, leave, isTaken: false };
          admissions.set(request, admission);
          // Where the body cannot be read nobody takes it.
          reply.raw.once('close', () => admission.isTaken || leave());
          return isPacked ? inflated(request, payload) : payload;
        },
      },
      async (request) => {
        const admission = admissions.get(request);
        if (admission !== undefined) admission.isTaken = true;
        try {
          return await sync.exchange(hubOf(request), parseSyncInput(request.body), admission);
        } finally {
          admission?.leave();
        }
      },
    );
  };
}

function isGzip({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new CloudError('unsupported_media_type', `Encoding ${encoding} is not read here.`);
  return encoding === 'gzip';
}

/** How much the body is likely to be once it is inflated. */
function weightOf({ headers }: FastifyRequest, isPacked: boolean): number {
  const length = Number(headers['content-length'] ?? UNTOLD_BYTES);
  const bytes = Math.min(length * (isPacked ? GZIP_FACTOR : 1), BODY_LIMIT_BYTES);
  return Math.max(LEAST_BYTES, Number.isFinite(bytes) ? bytes : UNTOLD_BYTES);
}

/** Aborts when the hub goes away before it has its answer. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(new CloudError('processing_unavailable', 'Nobody waits for the answer.'));
  });
  return gone.signal;
}

/** The limit of the route counts what comes out of here, so that a small bomb stays small. */
function inflated(request: FastifyRequest, payload: Readable): Readable {
  delete request.headers['content-length'];
  const gunzip = createGunzip();
  payload.on('error', (error) => gunzip.destroy(error));
  return payload.pipe(gunzip);
}
