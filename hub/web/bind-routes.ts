import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IdSchema } from '../../contract/index.js';
import { tell } from '../api/problems.js';
import type { BindingSide } from '../binding/binding-side.js';
import { type BindForm, bindPage, comparePage, donePage } from './bind-page.js';

const HTML = 'text/html; charset=utf-8';
const FORM = 'application/x-www-form-urlencoded';
const FORM_LIMIT_BYTES = 4096;

const CodeSchema = z.string().max(32);
const HouseholdNameSchema = z.string().trim().min(1).max(100);
const QuerySchema = z.object({ code: CodeSchema.optional() });
const LookUpSchema = z.object({ code: CodeSchema, householdName: HouseholdNameSchema });
const ClaimSchema = z.object({ claimId: IdSchema });
const LeaveSchema = z.object({ code: CodeSchema });

const SAID: Record<string, string> = {
  'claim.not-found': 'The glass does not show this code now. Look again: it may show a new one.',
  'claim.too-many': 'Too many wrong codes. Wait a while, then try again.',
  'claim.too-fast': 'Too fast. Wait a few seconds, then try again.',
  'claim.not-wanted': 'This cannot be done here now.',
};

/** The page on which a household makes the hub its own while the cloud is away, and its forms. */
export function bindRoutes({ claims, view }: Pick<BindingSide, 'claims' | 'view'>): FastifyPluginAsyncZod {
  return async (app) => {
    const limits = { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES } as const;
    app.addContentTypeParser<string>(FORM, limits, async (_request: unknown, text: string) =>
      Object.fromEntries(new URLSearchParams(text)),
    );
    const send = (reply: FastifyReply, page: string) =>
      reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').type(HTML).send(page);
    const answer = async (reply: FastifyReply, form: BindForm, work: () => string | Promise<string> | undefined) => {
      try {
        const page = await work();
        // 303: loading the page again must not send the form again.
        return page === undefined ? reply.redirect('/bind', 303) : send(reply, page);
      } catch (error) {
        const { status, code, details } = tell(error);
        const problem = SAID[code];
        if (problem === undefined) throw error;
        if (typeof details.retryAfterS === 'number') reply.header('retry-after', String(details.retryAfterS));
        return send(reply.code(status), bindPage(view(), { ...form, problem }));
      }
    };

    app.get('/bind', { schema: { querystring: QuerySchema } }, async ({ query }, reply) =>
      send(reply, bindPage(view(), query)),
    );
    app.post('/bind/code', async (_request, reply) => answer(reply, {}, () => void claims.show()));
    app.post('/bind/claims', { schema: { body: LookUpSchema } }, async ({ body }, reply) =>
      answer(reply, body, () => comparePage(claims.lookUp(body.code, body.householdName))),
    );
    app.post('/bind/confirm', { schema: { body: ClaimSchema } }, async ({ body }, reply) =>
      answer(reply, {}, () => {
        const { householdName, receipt } = claims.confirm(body.claimId);
        const { cloudUrl } = view();
        return donePage(householdName, cloudUrl === undefined ? undefined : `${cloudUrl}/bind#receipt=${receipt}`);
      }),
    );
    app.post('/bind/decline', { schema: { body: ClaimSchema } }, async ({ body }, reply) =>
      answer(reply, {}, () => void claims.decline(body.claimId)),
    );
    app.post('/bind/leave', { schema: { body: LeaveSchema } }, async ({ body }, reply) =>
      answer(reply, body, async () => {
        await claims.leave(body.code);
        return bindPage(view());
      }),
    );
  };
}
