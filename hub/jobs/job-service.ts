import type { z } from 'zod';
import { parseJson } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { ask } from '../../provisioning/index.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import { HubError } from '../errors.js';
import { AnswerSchema, type JobRejected, RejectedSchema } from './job-messages.js';

/** An answer of AWS IoT Jobs. */
export type JobAnswer<T> = { ok: true; body: T } | { ok: false; rejected: JobRejected };

/** A question to AWS IoT Jobs; `answers` is the topic on which answers come, without their last level. */
export type JobQuestion<T> = { topic: string; answers: string; body: object; schema: z.ZodType<T> };

/** Questions to AWS IoT Jobs over the hub's link. */
export class JobService {
  readonly #link: Pick<CloudLink, 'publish' | 'subscribe'>;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #newToken: () => string;

  constructor(deps: {
    link: Pick<CloudLink, 'publish' | 'subscribe'>;
    clock: Pick<Clock, 'sleep'>;
    newToken: () => string;
  }) {
    this.#link = deps.link;
    this.#clock = deps.clock;
    this.#newToken = deps.newToken;
  }

  /** @throws HubError `link.down`, `link.refused`, `job.bad-answer`; ProvisioningError `claim.no-answer`; the signal's reason */
  async ask<T>({ topic, answers, body, schema }: JobQuestion<T>, signal: AbortSignal): Promise<JobAnswer<T>> {
    signal.throwIfAborted();
    const clientToken = this.#newToken();
    const question = {
      topic,
      body: { ...body, clientToken },
      answers: [`${answers}/accepted`, `${answers}/rejected`],
      isAnswer: ({ topic: from, payload }: { topic: string; payload: Uint8Array }) => {
        const answer = parseJson(AnswerSchema, payload);
        return from.startsWith(`${topic}/`) && answer.ok && answer.value.clientToken === clientToken;
      },
    };
    const { topic: from, payload } = await ask(this.#link, question, { clock: this.#clock, signal });
    return from.endsWith('/accepted')
      ? { ok: true, body: parsed(schema, payload, from) }
      : { ok: false, rejected: parsed(RejectedSchema, payload, from) };
  }
}

function parsed<T>(schema: z.ZodType<T>, payload: Uint8Array, topic: string): T {
  const answer = parseJson(schema, payload);
  if (answer.ok) return answer.value;
  const what = answer.refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
  throw new HubError('job.bad-answer', `${topic}: ${what}`);
}
