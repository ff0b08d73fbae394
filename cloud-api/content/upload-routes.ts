import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MAX_ASSET_BYTES, ProblemSchema } from '../../contract/index.js';
import { CloudError } from '../errors.js';
import type { Uploads } from './uploads.js';

/** One byte more than an asset may have shows that it has too many. */
const LIMITS = { fileSize: MAX_ASSET_BYTES + 1, files: 1, fields: 20, fieldSize: 10_000, headerPairs: 100 };

/** `POST /uploads/{ticket}`: a form whose part `file` is the asset. The ticket is all the leave that it takes. */
export function uploadRoutes({ uploads }: { uploads: Uploads }): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(multipart, { limits: LIMITS, throwFileSizeLimit: false });
    app.post(
      '/uploads/:ticket',
      {
        config: { access: { by: 'anyone' } },
        bodyLimit: MAX_ASSET_BYTES + 1024 * 1024,
        schema: {
          consumes: ['multipart/form-data'],
          params: z.object({ ticket: z.string().min(1).max(100) }),
          response: { 204: z.null(), default: ProblemSchema },
        },
      },
      async (request, reply) => {
        await uploads.receive(request.params.ticket, filePart(request));
        return reply.code(204).send(null);
      },
    );
  };
}

/** The bytes of the part `file`; a form that breaks off or has no such part is the sender's fault. */
async function* filePart(request: FastifyRequest): AsyncGenerator<Uint8Array> {
  const part = await request.file().catch((cause: unknown) => {
    throw new CloudError('invalid_request', 'The form cannot be read.', {}, { cause });
  });
  if (part?.fieldname !== 'file') throw new CloudError('invalid_request', 'The form has no part named file.');
  try {
    for await (const chunk of part.file) yield z.instanceof(Uint8Array).parse(chunk);
  } catch (error) {
    throw new CloudError('invalid_request', 'The form broke off.', {}, { cause: error });
  }
}
