import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { EXPOSITION_TYPE } from '../metrics/exposition.js';
import { queueMetrics } from '../metrics/queue-metrics.js';
import type { QueueReport } from '../queue-report.js';
import { QueueViewSchema, queueView } from './queue-view.js';

export type QueueRoutesDeps = {
  queue: () => Promise<QueueReport>;
  /** Wall clock in milliseconds. */
  now: () => number;
};

/** What waits for the cloud, for people, scripts and Prometheus. */
export function queueRoutes({ queue, now }: QueueRoutesDeps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/api/queue', { schema: { response: { 200: QueueViewSchema } } }, async () => queueView(await queue()));

    app.get('/metrics', async (_request, reply) =>
      reply
        .type(EXPOSITION_TYPE)
        .header('cache-control', 'no-store')
        .send(queueMetrics(await queue(), now())),
    );
  };
}
