import { createHash, KeyObject, randomBytes, randomUUID, webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import pino from 'pino';
import { v7 } from 'uuid';
import { z } from 'zod';
import { loadKeys } from '../../cloud-api/auth/keys.js';
import type { CommandPublisher } from '../../cloud-api/command/commands.js';
import type { CloudContext } from '../../cloud-api/context.js';
import { buildApp } from '../../cloud-api/index.js';
import { Metrics } from '../../cloud-api/metrics.js';
import { createServices, type Services } from '../../cloud-api/services.js';
import { type Command, type State, WORK_ORDER_SCHEME } from '../../contract/index.js';
import { type SignerKeys, signHwId, thingNameFor } from '../../provisioning/hw-id/index.js';
import type { TestEngine } from './cloud-databases.js';
import {
  type Device,
  heartbeatOf,
  hookInput,
  makeDevice,
  StandingClock,
  stateOf,
  type TestHub,
  tokensOf,
} from './cloud-devices.js';
import { WORK_ORDERS } from './work-orders.js';

export type TestPerson = {
  accessToken: string;
  refreshToken: string;
  householdId: string;
  accountId: string;
  email: string;
};

export const HOOK_TOKEN = 'hook-token-of-the-test';
export const OPERATOR_TOKEN = 'operator-token-of-the-test';
/** Believed when it says for whom it asks. */
export const TRUSTED_PROXY = '10.255.255.1';
const KEY_ID = 1;
export const REVOKED_KEY_ID = 2;
export const TAG_UID = '04de5f1eacc040';

const SessionSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  account: z.object({ id: z.string(), email: z.string() }),
  household: z.object({ id: z.string() }),
});

/** The whole HTTP side of the cloud over one database, with a clock that stands and a notebook in the broker's place. */
export class TestCloud {
  readonly app: FastifyInstance;
  readonly services: Services;
  readonly context: CloudContext;
  readonly clock: StandingClock;
  readonly published: { thingName: string; command: Command }[];
  readonly logged: string[];
  readonly #signer: webcrypto.CryptoKeyPair;
  readonly #close: () => Promise<void>;

  constructor(parts: {
    app: FastifyInstance;
    services: Services;
    clock: StandingClock;
    published: TestCloud['published'];
    logged: string[];
    signer: webcrypto.CryptoKeyPair;
    close: () => Promise<void>;
  }) {
    this.app = parts.app;
    this.services = parts.services;
    this.context = parts.services.context;
    this.clock = parts.clock;
    this.published = parts.published;
    this.logged = parts.logged;
    this.#signer = parts.signer;
    this.#close = parts.close;
  }

  /** `publisher` takes the broker's place; without one, commands are noted in `published`. */
  static async start(engine: TestEngine, given: { publisher?: CommandPublisher } = {}): Promise<TestCloud> {
    const { db, close: closeDatabase } = await engine.open();
    const dataDir = mkdtempSync(path.join(tmpdir(), 'inklet-cloud-'));
    const clock = new StandingClock();
    const published: TestCloud['published'] = [];
    const logged: string[] = [];
    const signer = await webcrypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
    if (!('privateKey' in signer)) throw new TypeError('no key pair');
    const { x = '' } = await webcrypto.subtle.exportKey('jwk', signer.publicKey);
    const signerKeys: SignerKeys = {
      keys: [
        { keyId: KEY_ID, publicKey: x, batches: [{ from: 1, to: 10 }], revoked: false },
        { keyId: REVOKED_KEY_ID, publicKey: x, batches: [{ from: 1, to: 10 }], revoked: true },
      ],
    };
    const context: CloudContext = {
      db,
      clock,
      log: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
      newId: () => v7(),
      randomBytes,
      keys: await loadKeys(dataDir),
      metrics: new Metrics(),
      wakeIotTasks: () => {},
      settings: {
        publicUrl: 'http://127.0.0.1:3000',
        trustedProxies: [TRUSTED_PROXY],
        dataDir,
        signerKeys,
        workOrderKeys: WORK_ORDERS.allowList,
        hookTokenSha256: createHash('sha256').update(HOOK_TOKEN).digest(),
        operatorTokenSha256: createHash('sha256').update(OPERATOR_TOKEN).digest(),
        provisioningLimits: { perHardwarePerHour: 10, perClaimCertificatePerHour: 200, plannedPerHour: 500 },
      },
    };
    const publisher = {
      publish: (thingName: string, command: Command) => {
        published.push({ thingName, command });
      },
    };
    const services = createServices(context, { publisher: given.publisher ?? publisher });
    const app = await buildApp(services, { linkState: () => 'none' });
    const close = async () => {
      await app.close();
      await services.sync.stop();
      await services.publicApi.stop();
      await closeDatabase();
      rmSync(dataDir, { recursive: true, force: true });
    };
    return new TestCloud({ app, services, clock, published, logged, signer, close });
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Listens on a free port of loopback, to which the addresses that are given out lead from now on. */
  async listen(): Promise<string> {
    this.context.settings.publicUrl = await this.app.listen({ host: '127.0.0.1', port: 0 });
    return this.context.settings.publicUrl;
  }

  /** One request; the reply's status and JSON, checked by nobody yet. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    {
      token,
      workOrder,
      body,
      headers,
      ip,
    }: {
      token?: string;
      workOrder?: string;
      body?: InjectOptions['payload'];
      headers?: Record<string, string>;
      ip?: string;
    } = {},
  ): Promise<{ status: number; body: unknown; headers: Record<string, unknown> }> {
    const reply = await this.app.inject({
      method,
      url,
      headers: { ...authorization({ token, workOrder }), ...headers },
      ...(body !== undefined && { payload: body }),
      ...(ip !== undefined && { remoteAddress: ip }),
    });
    const json: unknown = reply.payload === '' ? undefined : JSON.parse(reply.payload);
    return { status: reply.statusCode, body: json, headers: reply.headers };
  }

  /** A person with a household of their own. */
  async signUp(householdName = 'The Larks'): Promise<TestPerson> {
    const email = `${randomUUID()}@example.org`;
    const password = 'correct horse battery';
    // Each from another address, since sign-ups of one address are limited.
    const ip = `10.${randomBytes(3).join('.')}`;
    const { body } = await this.call('POST', '/auth/sign-up', { body: { email, password, householdName }, ip });
    const { accessToken, refreshToken, account, household } = SessionSchema.parse(body);
    return { accessToken, refreshToken, householdId: household.id, accountId: account.id, email };
  }

  /** A personal access token of this person. */
  async personalAccessToken(person: TestPerson): Promise<string> {
    const { body } = await this.call('POST', '/api/v1/tokens', { token: person.accessToken, body: { name: 'test' } });
    return z.object({ token: z.string() }).parse(body).token;
  }

  /** What the factory writes down for a hardware id. */
  async make(hwId: string): Promise<void> {
    const body = { tagUid: TAG_UID, keyId: KEY_ID, model: 1, batch: 1 };
    await this.call('PUT', `/v1/operator/hardware/${hwId}`, { token: OPERATOR_TOKEN, body });
  }

  /** RegisterThing's parameters as the factory's tag gives them. */
  async proofOf(
    hwId: string,
    change: { batch?: number; tagUid?: string; keyId?: number } = {},
  ): Promise<Record<string, string>> {
    const { batch = 1, tagUid = TAG_UID, keyId = KEY_ID } = change;
    const payload = { keyId, hwId, model: 1, batch };
    const privateKey = KeyObject.from(this.#signer.privateKey);
    return { hwId, claimNonce: 'nonce', ...signHwId({ payload, tagUid, privateKey }) };
  }

  /** A hub that went through the factory and the hook. */
  async provision(device?: Device): Promise<TestHub> {
    const hwId = randomBytes(10).toString('hex');
    await this.make(hwId);
    const made = device ?? (await makeDevice());
    const input = hookInput(made, await this.proofOf(hwId));
    const { body } = await this.call('POST', '/v1/hooks/pre-provisioning', { token: HOOK_TOKEN, body: input });
    z.object({ allowProvisioning: z.literal(true) }).parse(body);
    const thingName = thingNameFor(hwId);
    const { certificateId } = made;
    return {
      hwId,
      thingName,
      certificateId,
      token: tokensOf(thingName, made, this.clock),
    };
  }

  /** Provisions a hub, lets it tell of one display, and binds it to a person's household. */
  async bindHub(
    person: TestPerson,
    display: Partial<State['displays'][number]> = {},
  ): Promise<TestHub & { hubId: string; displayId: string }> {
    const hub = await this.provision();
    const state = stateOf(hub, this.clock, [display]);
    await this.services.hubs.noteState(hub.thingName, state);
    const { claimId } = await this.showCode(hub, person);
    const { body } = await this.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
    const bound = z.object({ hub: z.object({ id: z.string() }) }).parse(body);
    return { ...hub, hubId: bound.hub.id, displayId: state.displays[0]?.displayId ?? '' };
  }

  /** Lets a hub give a sign of life, so that it counts as online for two minutes. */
  async beat({ thingName }: Pick<TestHub, 'thingName'>): Promise<void> {
    await this.services.hubs.noteHeartbeat(thingName, heartbeatOf(this.clock));
  }

  /** Lets a hub ask for a claim code, and a person type what the glass shows. */
  async showCode(hub: TestHub, person: TestPerson): Promise<{ claimId: string; code: string }> {
    await this.services.claimCodes.request(hub.thingName, v7());
    const code = this.codeOf(hub);
    const { body } = await this.call('POST', '/api/v1/claims', { token: person.accessToken, body: { code } });
    return { code, ...z.object({ claimId: z.string() }).parse(body) };
  }

  /** The last claim code that was sent to a hub. */
  codeOf({ thingName }: Pick<TestHub, 'thingName'>): string {
    const commands = this.published.filter((one) => one.thingName === thingName).map(({ command }) => command);
    const last = commands.findLast((command) => command.kind === 'claim_code');
    return last?.kind === 'claim_code' ? last.body.code : '';
  }
}

function authorization({ token, workOrder }: { token?: string | undefined; workOrder?: string | undefined }): object {
  if (workOrder !== undefined) return { authorization: `${WORK_ORDER_SCHEME} ${workOrder}` };
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
