import { sql } from 'drizzle-orm';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CloudContext } from './context.js';
import { asSystem } from './database/database.js';

const ANYONE = { access: { by: 'anyone' } } as const;
const ReadySchema = z.object({
  ready: z.boolean(),
  database: z.boolean(),
  link: z.enum(['connected', 'away', 'none']),
});

/** Where the link to hubs stands; none: this service was given no broker. */
export type LinkState = 'connected' | 'away' | 'none';

type StatusParts = { context: Pick<CloudContext, 'db' | 'metrics'>; linkState: () => LinkState };

/** What supervisors and Prometheus ask. A broker that is away does not make the service unready: HTTP goes on. */
export function statusRoutes({ context, linkState }: StatusParts): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/healthz',
      { config: ANYONE, schema: { response: { 200: z.object({ ok: z.literal(true) }) } } },
      async () => ({
        ok: true as const,
      }),
    );
    app.get(
      '/readyz',
      { config: ANYONE, schema: { response: { 200: ReadySchema, 503: ReadySchema } } },
      async (_request, reply) => {
        const database = await answers(context);
        const link = linkState();
        return reply.code(database ? 200 : 503).send({ ready: database, database, link });
      },
    );
    app.get('/metrics', { config: ANYONE, schema: { hide: true } }, (_request, reply) =>
      reply.type('text/plain; version=0.0.4').send(context.metrics.render()),
    );
  };
}

async function answers({ db }: Pick<CloudContext, 'db'>): Promise<boolean> {
  try {
    await asSystem(db, (tx) => tx.execute(sql`select 1`));
    return true;
  } catch {
    return false;
  }
}
