import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readContent } from '../api/content-form.js';
import type { DisplayView } from '../api/display-view.js';
import { tell } from '../api/problems.js';
import { queueView } from '../api/queue-view.js';
import type { HubStatus } from '../api/status.js';
import type { LocalContents } from '../display/local-contents.js';
import type { QueueReport } from '../queue-report.js';
import { type LastFailure, type PageView, page } from './page.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

export type WebDeps = {
  status: () => HubStatus;
  queue: () => Promise<QueueReport>;
  displays: () => DisplayView[];
  timeOfDay: PageView['timeOfDay'];
  contents: Pick<LocalContents, 'show'>;
  lastFailureOf: (displayId: string) => LastFailure | undefined;
};

const HTML = 'text/html; charset=utf-8';

/** The household's page and the form that it posts. */
export function webRoutes({
  status,
  queue,
  displays,
  contents,
  lastFailureOf,
  timeOfDay,
}: WebDeps): FastifyPluginAsyncZod {
  const view = async () => {
    const known = queueView(await queue());
    return { status: status(), queue: known, displays: displays(), lastFailureOf, timeOfDay };
  };
  return async (app) => {
    app.get('/', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return reply.type(HTML).send(page(await view()));
    });

    app.get('/style.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));

    app.get('/page.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(SCRIPT));

    app.post('/displays/:id/contents', { schema: { params: z.object({ id: z.string() }) } }, async (request, reply) => {
      try {
        await contents.show(request.params.id, await readContent(request));
      } catch (error) {
        // A person without JavaScript gets the page again, with the reason on it.
        const { status: code, message } = tell(error);
        if (code === 500) throw error;
        return reply
          .code(code)
          .type(HTML)
          .send(page({ ...(await view()), problem: `Not shown: ${message}.` }));
      }
      // 303: loading the page again must not send the form again.
      return reply.redirect('/', 303);
    });
  };
}
