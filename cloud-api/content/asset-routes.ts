import { and, eq } from 'drizzle-orm';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Sha256Schema } from '../../contract/index.js';
import { type HubCaller, hubOf } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { display } from '../display/tables.js';
import { CloudError } from '../errors.js';
import { presentation, presentationPicture } from '../presentation/tables.js';
import type { AssetStore } from './asset-store.js';

/** `GET /v1/assets/{sha256}`: the pictures of what a hub's own displays are to show, and no others. */
export function assetRoutes({
  context: { db },
  store,
}: {
  context: Pick<CloudContext, 'db'>;
  store: AssetStore;
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/v1/assets/:sha256',
      {
        config: { access: { by: 'hub' } },
        schema: { params: z.object({ sha256: Sha256Schema }) },
      },
      async (request, reply) => {
        const { sha256 } = request.params;
        const bytes = (await mayFetch(db, hubOf(request), sha256)) ? await store.read(sha256) : undefined;
        if (bytes === undefined)
          throw new CloudError('asset_not_found', 'No display of this hub is to show this asset.');
        return reply
          .header('cache-control', 'private, max-age=31536000, immutable')
          .type('application/octet-stream')
          .send(bytes);
      },
    );
  };
}

async function mayFetch(db: CloudContext['db'], { hubId, householdId }: HubCaller, sha256: string): Promise<boolean> {
  if (householdId === null) return false;
  const found = await asSystem(db, (tx) =>
    tx
      .select({ id: presentation.id })
      .from(presentationPicture)
      .innerJoin(
        presentation,
        and(
          eq(presentation.householdId, presentationPicture.householdId),
          eq(presentation.id, presentationPicture.presentationId),
        ),
      )
      .innerJoin(
        display,
        and(eq(display.id, presentation.displayId), eq(display.householdId, presentation.householdId)),
      )
      .where(
        and(
          eq(presentationPicture.sha256, sha256),
          eq(presentationPicture.householdId, householdId),
          eq(display.hubId, hubId),
        ),
      )
      .limit(1),
  );
  return found.length > 0;
}
