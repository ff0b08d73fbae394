import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, OutputFormatSchema } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { CloudError } from '../errors.js';
import { isGoodImageLink } from './image-links.js';
import type { Previews } from './previews.js';

const LinkSchema = z.object({
  expires: z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number),
  signature: z.string().min(1).max(100),
});

/** `/images/…`: the pictures behind signed addresses, for whoever holds one. */
export function imageRoutes({
  context,
  previews,
}: {
  context: Pick<CloudContext, 'keys' | 'clock'>;
  previews: Previews;
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/images/:householdId/:file',
      {
        config: { access: { by: 'anyone' } },
        schema: {
          params: z.object({ householdId: IdSchema, file: z.string().max(60) }),
          querystring: LinkSchema,
        },
      },
      async (request, reply) => {
        const name = nameOf(request.params);
        if (!isGoodImageLink(context, name, request.query)) {
          throw new CloudError('access_denied', 'This address is not valid any more.');
        }
        const { bytes, contentType, frameSha256 } = await previews.image(name);
        return reply
          .header('cache-control', 'private, max-age=3600')
          .header('etag', `"${frameSha256}.${name.format}"`)
          .type(contentType)
          .send(bytes);
      },
    );
  };
}

const FILE = /^(.*)\.([a-z0-9]+)$/;

function nameOf({ householdId, file }: { householdId: string; file: string }) {
  const [, id, extension] = FILE.exec(file) ?? [];
  const presentationId = IdSchema.safeParse(id);
  const format = OutputFormatSchema.safeParse(extension);
  if (!presentationId.success || !format.success) throw new CloudError('not_found', 'There is nothing at this path.');
  return { householdId, presentationId: presentationId.data, format: format.data };
}
