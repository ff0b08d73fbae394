import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import { z } from 'zod';
import { CommandSchema, deviceTopics, parseJson } from '../../contract/index.js';
import { registerHardware } from '../../device-sim/household/factory.js';
import { callJson, callOnly } from '../../device-sim/household/http.js';
import { DEVICE_POLICY } from '../../device-sim/iot-core/shipped-policies.js';
import type { Clock } from '../../hardware/index.js';
import { signHwId, thingNameFor } from '../../provisioning/index.js';
import type { QueueHubSettings } from './queue-hub/settings.js';
import type { QueueSite } from './queue-round-site.js';

/** Well below the life of an access token. */
const LOG_IN_EVERY_MS = 600_000;
const CODE_LIMIT_MS = 60_000;
const SessionSchema = z.object({ accessToken: z.string() });
const ClaimSchema = z.object({ claimId: z.string() });
const HookAnswerSchema = z.object({ allowProvisioning: z.literal(true) });
const TokenSchema = z.object({ token: z.string() });
const ContentSchema = z.object({ content: z.object({ id: z.string() }) });
const { signal: NEVER } = new AbortController();

/** What somebody may want of a hub. */
export const WISHES = ['identify', 'refresh', 'rotate', 'text'] as const;

type Wish = (typeof WISHES)[number];

/** Whoever makes hubs, owns them and wants something of them, at one site. */
export class QueuePeople {
  readonly #site: QueueSite;
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly #account = { email: `person-${v7()}@household.example`, password: randomBytes(18).toString('base64url') };
  readonly #codes = new Map<string, string>();
  #accessToken = '';
  #session: { token: string; sinceMs: number } | undefined;

  constructor(site: QueueSite, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#site = site;
    this.#clock = clock;
    site.tap(({ topic, payload }) => {
      const command = parseJson(CommandSchema, payload);
      if (command.ok && command.value.kind === 'claim_code') this.#codes.set(topic, command.value.body.code);
    });
  }

  async signUp(): Promise<void> {
    await this.#logIn('/auth/sign-up', { ...this.#account, householdName: 'On trial' });
    const url = `${this.#site.cloudUrl}/api/v1/tokens`;
    const call = { method: 'POST', url, token: await this.#token(), json: { name: 'trial' } } as const;
    this.#accessToken = (await callJson(call, TokenSchema, NEVER)).token;
  }

  /** A hub that the factory, AWS IoT and the cloud know, and that nobody has bound. */
  async makeHub(): Promise<QueueHubSettings['identity']> {
    const { factory, iotCore, cloudUrl, operatorToken, hookToken } = this.#site;
    const hwId = randomBytes(10).toString('hex');
    const tagUid = `04${randomBytes(6).toString('hex')}`;
    const thingName = thingNameFor(hwId);
    const { certPem, keyPem, certificateId } = await iotCore.admin.createCertificate(thingName, [DEVICE_POLICY]);
    iotCore.admin.attachThing(thingName, certificateId);
    await registerHardware({ ...factory, hwId, tagUid }, cloudUrl, operatorToken, NEVER);
    const { keyId, model, batch, signingKey: privateKey } = factory;
    const proof = signHwId({ payload: { keyId, hwId, model, batch }, tagUid, privateKey });
    const json = {
      claimCertificateId: randomBytes(32).toString('hex'),
      certificateId,
      certificatePem: certPem,
      clientId: 'inklet-fp-1',
      parameters: { hwId, claimNonce: 'nonce', ...proof },
    };
    const url = `${cloudUrl}/v1/hooks/pre-provisioning`;
    await callJson({ method: 'POST', url, token: hookToken, json }, HookAnswerSchema, NEVER);
    return { hwId, model, thingName, certificateId, certPem, keyPem };
  }

  /** Binds a hub that has asked for its code. False if it has not in time. */
  async bind(thingName: string): Promise<boolean> {
    const code = await this.#codeOf(thingName);
    if (code === undefined) return false;
    const url = `${this.#site.cloudUrl}/api/v1/claims`;
    const token = await this.#token();
    const { claimId } = await callJson({ method: 'POST', url, token, json: { code } }, ClaimSchema, NEVER);
    await callOnly({ method: 'POST', url: `${url}/${claimId}/confirm`, token, json: {} }, NEVER);
    return true;
  }

  /** Wants something of a hub; a cloud that is away is asked in vain. */
  async wish(what: Wish, hub: { displayId: string; hwId: string }): Promise<void> {
    if (what === 'text') return await this.#show(hub.displayId).catch(() => undefined);
    const { cloudUrl, operatorToken } = this.#site;
    const url =
      what === 'rotate'
        ? `${cloudUrl}/v1/operator/hardware/${hub.hwId}/rotate`
        : `${cloudUrl}/api/v1/displays/${hub.displayId}/${what}`;
    const token = what === 'rotate' ? operatorToken : await this.#token();
    await callOnly({ method: 'POST', url, token }, NEVER).catch(() => undefined);
  }

  /** A text on the glass, as a client of the public API asks for it. */
  async #show(displayId: string): Promise<void> {
    const post = (path: string, json: object) => {
      const headers = { 'idempotency-key': v7() };
      return {
        method: 'POST',
        url: `${this.#site.cloudUrl}/api/sdk/v1${path}`,
        token: this.#accessToken,
        headers,
        json,
      } as const;
    };
    const text = { title: null, assets: [{ type: 'text', text: `Supper is ready (${v7()})` }] };
    const { content } = await callJson(post('/contents', text), ContentSchema, NEVER);
    const asked = { context: 'submitted', scope: null, intent: null, title: null, mode: 'direct' };
    await callOnly(post('/analyses', { ...asked, contentIds: [content.id], target: { displayId } }), NEVER);
  }

  async #codeOf(thingName: string): Promise<string | undefined> {
    const topic = deviceTopics(thingName).command;
    const endMs = this.#clock.monotonic() + CODE_LIMIT_MS;
    while (!this.#codes.has(topic) && this.#clock.monotonic() < endMs) await this.#clock.sleep(5);
    return this.#codes.get(topic);
  }

  async #token(): Promise<string> {
    const isFresh = this.#session !== undefined && this.#clock.monotonic() - this.#session.sinceMs < LOG_IN_EVERY_MS;
    if (!isFresh) await this.#logIn('/auth/log-in', this.#account);
    return this.#session?.token ?? '';
  }

  async #logIn(path: string, json: object): Promise<void> {
    const sinceMs = this.#clock.monotonic();
    const call = { method: 'POST', url: `${this.#site.cloudUrl}${path}`, json } as const;
    const { accessToken: token } = await callJson(call, SessionSchema, NEVER);
    this.#session = { token, sinceMs };
  }
}
