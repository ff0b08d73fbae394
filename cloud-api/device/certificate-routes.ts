import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { CommitCertificateSchema, CommittedCertificateSchema, ProblemSchema } from '../../contract/index.js';
import { hubOf } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { commitCertificate } from './commit-certificate.js';

/** How a hub says that it works with its next certificate. */
export function certificateRoutes({ context }: { context: CloudContext }): FastifyPluginAsyncZod {
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
  };
}
