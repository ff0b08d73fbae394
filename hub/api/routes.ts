import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { LocalContents } from '../display/local-contents.js';
import { HubError } from '../errors.js';
import type { Presentation, Presentations } from '../storage/presentations.js';
import { readContent } from './content-form.js';
import { type DisplayView, DisplayViewSchema } from './display-view.js';
import type { GlassPictures } from './glass-pictures.js';
import { type HubStatus, HubStatusSchema } from './status.js';

export type RoutesDeps = {
  status: () => HubStatus;
  displays: () => DisplayView[];
  glass: Pick<GlassPictures, 'png'>;
  contents: Pick<LocalContents, 'show'>;
  presentations: Pick<Presentations, 'get'>;
};

const DisplayParamsSchema = z.object({ id: IdSchema });
const TimeSchema = z.iso.datetime().nullable();

const PresentationViewSchema = z.object({
  presentationId: IdSchema,
  displayId: IdSchema,
  origin: z.enum(['cloud', 'local']),
  state: z.enum(['received', 'rendered', 'confirmed', 'superseded', 'failed']),
  frameSha256: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  times: z.object({
    asked: z.iso.datetime(),
    received: z.iso.datetime(),
    rendered: TimeSchema,
    painted: TimeSchema,
    confirmed: TimeSchema,
  }),
});

/** The hub's own API, for the household's network. */
export function routes({ status, displays, glass, contents, presentations }: RoutesDeps): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/healthz', { schema: { response: { 200: z.object({ ok: z.literal(true) }) } } }, async () => {
      return { ok: true } as const;
    });

    app.get('/api/status', { schema: { response: { 200: HubStatusSchema } } }, async () => status());

    app.get(
      '/api/displays',
      { schema: { response: { 200: z.object({ displays: z.array(DisplayViewSchema) }) } } },
      async () => ({ displays: displays() }),
    );

    app.get('/api/displays/:id/glass.png', { schema: { params: DisplayParamsSchema } }, async (request, reply) => {
      const { png, sha256 } = await glass.png(request.params.id);
      reply.header('etag', `"${sha256}"`).header('cache-control', 'no-cache');
      return reply.type('image/png').send(Buffer.from(png));
    });

    app.post(
      '/api/displays/:id/contents',
      {
        schema: {
          params: DisplayParamsSchema,
          response: {
            202: z.object({ presentationId: IdSchema }),
            '4xx': ProblemSchema,
          },
        },
      },
      async (request, reply) => {
        const content = await readContent(request);
        return reply.code(202).send(await contents.show(request.params.id, content));
      },
    );

    app.get(
      '/api/presentations/:id',
      { schema: { params: DisplayParamsSchema, response: { 200: PresentationViewSchema, 404: ProblemSchema } } },
      async (request) => {
        const presentation = presentations.get(request.params.id);
        if (presentation === undefined) {
          throw new HubError('presentation.unknown', `no presentation ${request.params.id}`);
        }
        return viewOf(presentation);
      },
    );
  };
}

function viewOf(presentation: Presentation): z.infer<typeof PresentationViewSchema> {
  const { presentationId, displayId, origin, state, frameSha256, code, message } = presentation;
  const time = (ms: number | null) => (ms === null ? null : timestamp(ms));
  return {
    presentationId,
    displayId,
    origin,
    state,
    frameSha256,
    error: code === null ? null : { code, message: message ?? '' },
    times: {
      asked: timestamp(presentation.askedMs),
      received: timestamp(presentation.receivedMs),
      rendered: time(presentation.renderedMs),
      painted: time(presentation.paintedMs),
      confirmed: time(presentation.confirmedMs),
    },
  };
}
