import { CommittedCertificateSchema, ProblemSchema, parseJson } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { type HubIdentity, ProvisioningError, type RotationCloud, signDeviceToken } from '../../provisioning/index.js';
import { askCloud, type CloudHttpOptions, readLimited } from '../sync/cloud-http.js';

export type RotationDoorDeps = Pick<CloudHttpOptions, 'baseUrl' | 'fetch'> & { clock: Pick<Clock, 'now'> };

type Answer = { status: number; bytes: Uint8Array };

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 16 * 1024;
const UNAUTHORISED = 401;
/** The client errors that speak of the moment, not of what was asked: too slow, too often. */
const OF_THE_MOMENT: readonly number[] = [408, 425, 429];
/** An asset that nobody has: the answer tells no more than whether the hub may ask. */
const NO_ASSET = `/v1/assets/${'0'.repeat(64)}`;

/** What a rotation asks of the cloud API. */
export class RotationDoor implements RotationCloud {
  readonly #deps: RotationDoorDeps;

  constructor(deps: RotationDoorDeps) {
    this.#deps = deps;
  }

  async commit(next: HubIdentity, replaces: string, signal?: AbortSignal): Promise<void> {
    const { status, bytes } = await this.#ask(next, '/v1/certificates/commit', { replaces }, signal);
    if (status !== 200) {
      const problem = parseJson(ProblemSchema, bytes);
      const said = problem.ok ? `${problem.value.error.code}: ${problem.value.error.message}` : 'nothing of ours';
      throw new ProvisioningError('rotation.commit-refused', `the cloud answered ${status}, ${said}`);
    }
    const committed = parseJson(CommittedCertificateSchema, bytes);
    if (committed.ok && committed.value.certificateId === next.certificateId) return;
    throw unanswered('the answer is about something else');
  }

  async takes(pair: HubIdentity, signal?: AbortSignal): Promise<boolean> {
    return (await this.#ask(pair, NO_ASSET, undefined, signal)).status !== UNAUTHORISED;
  }

  async #ask(
    pair: HubIdentity,
    path: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { baseUrl, fetch, clock } = this.#deps;
    const token = () => signDeviceToken(pair, clock);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const limit = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const headers = { 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    let answer: Answer;
    try {
      const response = await askCloud({ baseUrl, token, fetch }, path, { ...post, signal: limit });
      answer = { status: response.status, bytes: await readLimited(response, MAX_ANSWER_BYTES) };
    } catch (error) {
      signal?.throwIfAborted();
      throw unanswered('the cloud did not answer', error);
    }
    const isAnswer = answer.status === 200 || (answer.status >= 400 && answer.status < 500);
    if (isAnswer && !OF_THE_MOMENT.includes(answer.status)) return answer;
    throw unanswered(`the cloud answered ${answer.status}`);
  }
}

function unanswered(message: string, cause?: unknown): ProvisioningError {
  return new ProvisioningError('rotation.commit-unanswered', message, { cause });
}
