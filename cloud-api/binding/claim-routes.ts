import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, ProblemSchema, TimestampSchema } from '../../contract/index.js';
import { PublicHandleSchema } from '../../provisioning/hw-id/index.js';
import { personOf } from '../auth/principal.js';
import type { Claims, FoundClaim } from './claims.js';
import type { LocalBindings } from './local-bindings.js';
import type { SunClaims } from './sun-claims.js';
import type { Taps } from './taps.js';

const ClaimSchema = z.object({
  claimId: IdSchema,
  model: z.string(),
  hwIdLast4: z.string(),
  word: z.string().describe('the glass shows the same word; a person compares the two'),
  expiresAt: TimestampSchema,
});

const BoundSchema = z.object({
  hub: z.object({ id: IdSchema, thingName: z.string() }),
  displays: z.array(z.object({ id: IdSchema, name: z.string(), panel: z.string() })),
});

const ParamsSchema = z.object({ id: IdSchema });
const BIND = { access: { by: 'person', permission: 'hub:bind' } } as const;
const FOUND = { 200: ClaimSchema, default: ProblemSchema };
const BOUND = { 200: BoundSchema, default: ProblemSchema };

type ClaimRouteParts = {
  claims: Pick<Claims, 'lookUp' | 'confirm' | 'decline'>;
  taps: Pick<Taps, 'tap'>;
  sunClaims: Pick<SunClaims, 'claim'>;
  localBindings: Pick<LocalBindings, 'adopt'>;
};

/** The ways in which a person makes a hub theirs. */
export function claimRoutes({ claims, taps, sunClaims, localBindings }: ClaimRouteParts): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/api/v1/claims',
      { config: BIND, schema: { body: z.object({ code: z.string().max(32) }), response: FOUND } },
      async (request) => view(await claims.lookUp(personOf(request), request.ip, request.body.code)),
    );
    app.post(
      '/api/v1/claims/tap',
      {
        config: BIND,
        schema: {
          body: z.object({ handle: PublicHandleSchema.describe("what the name plate's link has behind #") }),
          response: { 202: z.object({}), default: ProblemSchema },
        },
      },
      async (request, reply) => {
        await taps.tap(personOf(request), request.ip, `inklet-${request.body.handle}`);
        return reply.code(202).send({});
      },
    );
    app.post(
      '/api/v1/claims/sun',
      {
        config: BIND,
        schema: {
          body: z.object({ piccData: z.string().max(64), cmac: z.string().max(64) }),
          response: FOUND,
        },
      },
      async (request) => view(await sunClaims.claim(personOf(request), request.ip, request.body)),
    );
    app.post(
      '/api/v1/claims/receipt',
      { config: BIND, schema: { body: z.object({ receipt: z.string().min(1).max(200) }), response: BOUND } },
      async (request) => localBindings.adopt(personOf(request), request.ip, request.body.receipt),
    );
    app.post(
      '/api/v1/claims/:id/confirm',
      { config: BIND, schema: { params: ParamsSchema, response: BOUND } },
      async (request) => claims.confirm(personOf(request), request.params.id),
    );
    app.post(
      '/api/v1/claims/:id/decline',
      { config: BIND, schema: { params: ParamsSchema, response: { 204: z.null(), default: ProblemSchema } } },
      async (request, reply) => {
        await claims.decline(personOf(request), request.params.id);
        return reply.code(204).send(null);
      },
    );
  };
}

function view(found: FoundClaim): z.infer<typeof ClaimSchema> {
  return { ...found, expiresAt: found.expiresAt.toISOString() };
}
