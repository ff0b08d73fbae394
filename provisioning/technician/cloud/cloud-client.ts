import type { z } from 'zod';
import {
  type HardwareReport,
  HardwareReportSchema,
  NewTicketSchema,
  ProblemSchema,
  parseJson,
  RegisteredHardwareSchema,
  RegisterHardwareSchema,
  TicketSchema,
  WORK_ORDER_SCHEME,
} from '../../../contract/index.js';
import type { Clock } from '../../../hardware/index.js';
import { ProvisioningError } from '../../errors.js';
import { withLimit } from '../../mqtt/with-limit.js';
import { readLimited } from './read-limited.js';

/** By what the cloud knows who asks. */
export type Credential = { kind: 'operator' | 'work-order'; token: string };

export type CloudClientOptions = {
  url: string;
  /** Undefined: only what anybody may ask. */
  credential: Credential | undefined;
  fetch: typeof fetch;
  clock: Clock;
};

export type MadeHardware = z.infer<typeof RegisterHardwareSchema>['items'][number];
export type Registered = z.infer<typeof RegisteredHardwareSchema>['items'][number];

const ANSWER_LIMIT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const NOT_FOUND = 404;

/** The cloud, as far as a technician may ask it. */
export class CloudClient {
  readonly #options: CloudClientOptions;

  constructor(options: CloudClientOptions) {
    this.#options = options;
  }

  /**
   * Whether it is there, and what time it is there, as far as it tells.
   * @throws ProvisioningError `cloud.unreachable`, `cloud.unavailable`, `cloud.bad-answer`
   */
  async alive(signal: AbortSignal): Promise<{ dateMs: number | undefined }> {
    const { response } = await this.#ask('GET', '/healthz', undefined, signal);
    if (!response.ok) throw new ProvisioningError('cloud.bad-answer', `/healthz is answered by ${response.status}`);
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    return { dateMs: Number.isNaN(dateMs) ? undefined : dateMs };
  }

  /**
   * Tells the cloud what was made; the same again changes nothing. Gives what became of each item, in their order.
   * @throws ProvisioningError `cloud.*`
   */
  async register(items: readonly MadeHardware[], signal: AbortSignal): Promise<Registered[]> {
    const body = RegisterHardwareSchema.parse({ items });
    const answer = await this.#call('POST', '/v1/operator/hardware', body, RegisteredHardwareSchema, signal);
    const answered = new Map(answer.items.map((item) => [item.hwId, item]));
    return items.map(({ hwId }) => {
      const item = answered.get(hwId);
      if (item === undefined) throw new ProvisioningError('cloud.bad-answer', `nothing is said of ${hwId}`);
      return item;
    });
  }

  /**
   * How far a hub has come; undefined where the cloud does not know the hardware.
   * @throws ProvisioningError `cloud.*`
   */
  async report(hwId: string, signal: AbortSignal): Promise<HardwareReport | undefined> {
    const by = this.#options.credential?.kind === 'operator' ? 'operator' : 'technician';
    const path = `/v1/${by}/hardware/${hwId}`;
    const { response, text } = await this.#ask('GET', path, undefined, signal);
    if (response.status === NOT_FOUND) return undefined;
    return this.#taken(response, text, HardwareReportSchema);
  }

  /**
   * Lets a piece of hardware be provisioned once more.
   * @throws ProvisioningError `cloud.*`
   */
  async ticket(hwId: string, signal: AbortSignal): Promise<z.infer<typeof TicketSchema>> {
    const body = NewTicketSchema.parse({ hwId });
    return await this.#call('POST', '/v1/technician/tickets', body, TicketSchema, signal);
  }

  async #call<T>(method: string, path: string, body: unknown, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const { response, text } = await this.#ask(method, path, body, signal);
    return this.#taken(response, text, schema);
  }

  #taken<T>(response: Response, text: string, schema: z.ZodType<T>): T {
    if (!response.ok) throw refusal(response.status, text);
    const parsed = parseJson(schema, text);
    if (parsed.ok) return parsed.value;
    const problems = parsed.refusals.map(({ path, reason }) => `${path} ${reason}`.trim()).join('; ');
    throw new ProvisioningError('cloud.bad-answer', `${this.#options.url}: ${problems}`);
  }

  async #ask(method: string, path: string, body: unknown, signal: AbortSignal) {
    const { url, clock } = this.#options;
    const over = new AbortController();
    const failure = () => new ProvisioningError('cloud.unreachable', `${url}: no answer in ${ANSWER_LIMIT_MS} ms`);
    const asking = this.#fetch(method, path, body, AbortSignal.any([over.signal, signal]));
    try {
      return await withLimit(asking, { clock, limitMs: ANSWER_LIMIT_MS, failure, signal });
    } finally {
      over.abort();
    }
  }

  async #fetch(method: string, path: string, body: unknown, signal: AbortSignal) {
    const { url, credential } = this.#options;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (credential !== undefined) {
      const scheme = credential.kind === 'operator' ? 'Bearer' : WORK_ORDER_SCHEME;
      headers.authorization = `${scheme} ${credential.token}`;
    }
    if (body !== undefined) headers['content-type'] = 'application/json';
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      // A credential follows nobody elsewhere.
      const asked = { method, headers, signal, redirect: 'manual', ...payload } as const;
      const response = await this.#options.fetch(new URL(path, url), asked);
      return { response, text: await readLimited(response, MAX_ANSWER_BYTES) };
    } catch (cause) {
      if (cause instanceof ProvisioningError) throw cause;
      signal.throwIfAborted();
      throw new ProvisioningError('cloud.unreachable', `${url}: ${reasonOf(cause)}`, { cause });
    }
  }
}

function refusal(status: number, text: string): ProvisioningError {
  const problem = parseJson(ProblemSchema, text);
  const words = problem.ok ? `${problem.value.error.code}: ${problem.value.error.message}` : 'without a reason';
  const message = `the cloud answered ${status}, ${words}`;
  if (status === 401 || status === 403) return new ProvisioningError('cloud.not-allowed', message);
  if (status === 429 || status >= 500) return new ProvisioningError('cloud.unavailable', message);
  return new ProvisioningError(problem.ok ? 'cloud.refused' : 'cloud.bad-answer', message);
}

/** What `fetch` hides in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error.cause instanceof Error)) return error.message;
  const code = 'code' in error.cause ? String(error.cause.code) : '';
  return error.cause.message === '' ? code : error.cause.message;
}
