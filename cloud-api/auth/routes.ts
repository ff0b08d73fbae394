import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema, PlainTextSchema, ProblemSchema } from '../../contract/index.js';
import { CloudError } from '../errors.js';
import type { Accounts } from './accounts.js';

const EmailSchema = z.email().max(254);
const PasswordSchema = z.string().max(256);
const RefreshSchema = z.object({ refreshToken: z.string().min(1).max(200) });

const SessionSchema = z.object({
  accessToken: z.string(),
  expiresInS: z.number().int(),
  refreshToken: z.string(),
  account: z.object({ id: IdSchema, email: z.string() }),
  household: z.object({ id: IdSchema, name: z.string() }),
});

const MINUTE_MS = 60_000;
const SIGN_UPS = { max: 30, timeWindow: 60 * MINUTE_MS };
const LOG_INS = { max: 10, timeWindow: 15 * MINUTE_MS };
const ACCESS = { access: { by: 'anyone' } } as const;

export function authRoutes({ accounts }: { accounts: Accounts }): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/auth/sign-up',
      {
        config: { ...ACCESS, rateLimit: SIGN_UPS },
        schema: {
          body: z.object({
            email: EmailSchema,
            password: PasswordSchema.min(10),
            householdName: PlainTextSchema.pipe(z.string().trim().min(1).max(100)),
          }),
          response: { 201: SessionSchema, default: ProblemSchema },
        },
      },
      async (request, reply) => reply.code(201).send(await accounts.signUp(request.body)),
    );
    app.post(
      '/auth/log-in',
      {
        // The key needs the parsed body, hence the later hook.
        config: { ...ACCESS, rateLimit: { ...LOG_INS, hook: 'preHandler', keyGenerator: addressAndAccount } },
        schema: {
          body: z.object({ email: EmailSchema, password: PasswordSchema }),
          response: { 200: SessionSchema, default: ProblemSchema },
        },
      },
      async (request) => accounts.logIn(request.body),
    );
    app.post(
      '/auth/refresh',
      { config: ACCESS, schema: { body: RefreshSchema, response: { 200: SessionSchema, default: ProblemSchema } } },
      async (request) => accounts.refresh(request.body.refreshToken),
    );
    app.post(
      '/auth/log-out',
      { config: ACCESS, schema: { body: RefreshSchema, response: { 204: z.null(), default: ProblemSchema } } },
      async (request, reply) => {
        await accounts.logOut(request.body.refreshToken);
        return reply.code(204).send(null);
      },
    );
  };
}

/** What the rate limiter throws. */
export function tooManyRequests(): CloudError {
  return new CloudError('rate_limited', 'Too many requests; try again later.');
}

function addressAndAccount({ ip, body }: FastifyRequest): string {
  const parsed = z.object({ email: z.string() }).safeParse(body);
  return `${ip} ${parsed.data?.email.toLowerCase() ?? ''}`;
}
