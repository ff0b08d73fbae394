import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../contract/index.js';
import { HTTP_STATUS, HubError, type HubErrorCode } from '../errors.js';

/** A failure as a reply tells it. */
export type Told = { status: number; code: HubErrorCode; message: string; details: Record<string, unknown> };

const BY_STATUS: Record<number, HubErrorCode> = {
  400: 'request.invalid',
  404: 'request.not-found',
  413: 'request.too-large',
  415: 'request.unsupported-media-type',
};

/** Every failure in the one envelope, whoever found it. */
export function answerProblems(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const message = `nothing answers ${request.method} ${request.url.split('?')[0]}`;
    return answer(request, reply, { status: 404, code: 'request.not-found', message, details: {} });
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const told = tell(error);
    if (told.status >= 500) request.log.error({ err: error }, 'request failed');
    return answer(request, reply, told);
  });
}

/** What to say about an error; unknown ones say nothing about themselves. */
export function tell(error: unknown): Told {
  if (error instanceof HubError) {
    const status = HTTP_STATUS[error.code];
    if (status !== undefined) return { status, code: error.code, message: error.message, details: error.details };
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const code = BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'request.invalid' : undefined);
  if (code !== undefined && error instanceof Error) {
    const issues = 'validation' in error && Array.isArray(error.validation) ? { issues: error.validation } : {};
    return { status, code, message: error.message, details: issues };
  }
  return { status: 500, code: 'hub.internal', message: 'the hub failed; its log says more', details: {} };
}

function answer(request: FastifyRequest, reply: FastifyReply, { status, code, message, details }: Told): FastifyReply {
  const problem: Problem = { error: { code, message, requestId: request.id, details } };
  return reply.code(status).type('application/json; charset=utf-8').send(problem);
}
