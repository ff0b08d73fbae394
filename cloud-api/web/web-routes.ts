import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { BIND_PAGE, BIND_POLICY } from './bind-page.js';

/** The one page that this service shows itself: where the QR code on the glass leads, and the tag on the hub. */
export const webRoutes: FastifyPluginAsyncZod = async (app) => {
  const options = { config: { access: { by: 'anyone' } }, schema: { hide: true } } as const;
  const show = async (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .header('content-security-policy', BIND_POLICY)
      .header('cross-origin-opener-policy', 'same-origin')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(BIND_PAGE);
  app.get('/bind', options, show);
  app.get('/h', options, show);
};
