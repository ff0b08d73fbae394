import { createGunzip } from 'node:zlib';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ProblemSchema, SyncReplySchema } from '../../contract/index.js';
import { hubOf } from '../auth/principal.js';
import { CloudError } from '../errors.js';
import type { Sync } from './sync.js';
import { parseSyncInput } from './sync-input.js';

/** Inflated; a window of events is 256 KiB, registers and gaps come on top. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

export function syncRoutes({ sync }: { sync: Sync }): FastifyPluginAsyncZod {
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
        // The limit of the route counts what comes out of here, so that a small bomb stays small.
        preParsing: async (request, _reply, payload) => {
          const encoding = request.headers['content-encoding'];
          if (encoding === undefined || encoding === 'identity') return payload;
          if (encoding !== 'gzip')
            throw new CloudError('unsupported_media_type', `Encoding ${encoding} is not read here.`);
          delete request.headers['content-length'];
          const inflated = createGunzip();
          payload.on('error', (error) => inflated.destroy(error));
          return payload.pipe(inflated);
        },
      },
      async (request) => sync.exchange(hubOf(request), parseSyncInput(request.body)),
    );
  };
}
