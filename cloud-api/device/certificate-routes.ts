import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CommitCertificateSchema, CommittedCertificateSchema, IdSchema, ProblemSchema } from '../../contract/index.js';
import { HwIdSchema } from '../../provisioning/hw-id/index.js';
import { hubOf } from '../auth/principal.js';
import type { Commands } from '../command/commands.js';
import type { CloudContext } from '../context.js';
import { commitCertificate } from './commit-certificate.js';
import { orderRotation } from './order-rotation.js';

const QueuedSchema = z.object({ cmdId: IdSchema, state: z.literal('QUEUED') });

/** How a hub is told to get its next certificate, and says that it works with it. */
export function certificateRoutes(parts: {
  context: CloudContext;
  commands: Pick<Commands, 'enqueueCommand'>;
}): FastifyPluginAsyncZod {
  const { context, commands } = parts;
  return async (app) => {
    app.post(
      '/v1/certificates/commit',
      {
        config: { access: { by: 'hub' } },
        schema: {
          body: CommitCertificateSchema,
          response: { 200: CommittedCertificateSchema, default: ProblemSchema },
        },
      },
      async (request) => commitCertificate(context, hubOf(request), request.body.replaces),
    );
    app.post(
      '/v1/operator/hardware/:hwId/rotate',
      {
        config: { access: { by: 'operator' } },
        schema: { params: z.object({ hwId: HwIdSchema }), response: { 202: QueuedSchema, default: ProblemSchema } },
      },
      async (request, reply) => {
        const cmdId = await orderRotation({ ...context, commands }, request.params.hwId);
        return reply.code(202).send({ cmdId, state: 'QUEUED' });
      },
    );
  };
}
