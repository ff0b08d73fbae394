import { CommittedCertificateSchema, type Problem, ProblemSchema, parseJson } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { type HubIdentity, ProvisioningError, type RotationCloud, signDeviceToken } from '../../provisioning/index.js';
import { askCloud, type CloudHttpOptions, readLimited } from '../sync/cloud-http.js';

export type RotationDoorDeps = Pick<CloudHttpOptions, 'baseUrl' | 'fetch'> & { clock: Pick<Clock, 'now'> };

type Answer = { status: number; bytes: Uint8Array };

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 16 * 1024;
/** What the cloud says to a commit that it will not take. Anything else says nothing: it may have taken an earlier one. */
const REFUSALS: ReadonlySet<string> = new Set([
  'certificate.not-pending',
  'authentication_failed',
  'access_denied',
  'hub_not_found',
]);
/** An asset that nobody has: the answer tells no more than whether the hub may ask. */
const NO_ASSET = `/v1/assets/${'0'.repeat(64)}`;

/** What a rotation asks of the cloud API. */
export class RotationDoor implements RotationCloud {
  readonly #deps: RotationDoorDeps;

  constructor(deps: RotationDoorDeps) {
    this.#deps = deps;
  }

  async commit(next: HubIdentity, replaces: string, signal?: AbortSignal): Promise<void> {
    const answer = await this.#ask(next, '/v1/certificates/commit', { replaces }, signal);
    if (answer.status === 200) {
      const committed = parseJson(CommittedCertificateSchema, answer.bytes);
      if (committed.ok && committed.value.certificateId === next.certificateId) return;
      throw unanswered('the answer is about something else');
    }
    const said = problemOf(answer);
    if (said === undefined || !REFUSALS.has(said.code)) throw unanswered(describe(answer));
    throw new ProvisioningError('rotation.commit-refused', describe(answer));
  }

  async takes(pair: HubIdentity, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(pair, NO_ASSET, undefined, signal);
    const code = problemOf(answer)?.code;
    if (code === 'asset_not_found') return true;
    if (code === 'authentication_failed') return false;
    throw unanswered(describe(answer));
  }

  async #ask(
    pair: HubIdentity,
    path: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { baseUrl, fetch, clock } = this.#deps;
    // By the cloud's time, where it has refused that of the hub.
    const token = (_renew: boolean, cloudMs = clock.now()) => signDeviceToken(pair, { now: () => cloudMs });
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const limit = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const headers = { 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    try {
      const response = await askCloud({ baseUrl, token, fetch }, path, { ...post, signal: limit });
      return { status: response.status, bytes: await readLimited(response, MAX_ANSWER_BYTES) };
    } catch (error) {
      signal?.throwIfAborted();
      throw unanswered('the cloud did not answer', error);
    }
  }
}

/** What the cloud itself says; undefined for the page of a proxy, a load balancer or a captive portal. */
function problemOf({ bytes }: Answer): Problem['error'] | undefined {
  const problem = parseJson(ProblemSchema, bytes);
  return problem.ok ? problem.value.error : undefined;
}

function describe(answer: Answer): string {
  const said = problemOf(answer);
  return `the cloud answered ${answer.status}, ${said === undefined ? 'nothing of ours' : `${said.code}: ${said.message}`}`;
}

function unanswered(message: string, cause?: unknown): ProvisioningError {
  return new ProvisioningError('rotation.commit-unanswered', message, { cause });
}
