import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError, type SimErrorCode } from '../errors.js';
import { arn } from './arn.js';
import type { CertificateAuthority } from './certificate-authority.js';
import type { Faults, Occasion } from './faults/faults.js';
import { askHook, type HookReply, type HookRequest, type PreProvisioningHook } from './hook.js';
import { failsOnExisting, overrideThing } from './override-settings.js';
import { decodePayload, encodePayload, type PayloadFormat } from './payload-format.js';
import type { CertificateRecord, Registry } from './registry.js';
import type { Caller, ServiceRequest } from './reserved-topics.js';
import { fillTemplate, type Template } from './template.js';

const TOPIC = /^\$aws\/(?:certificates\/create-from-csr|provisioning-templates\/([^/]+)\/provision)\/(json|cbor)$/;

/** An ownership token lives for an hour. Source: AWS IoT developer guide, "Device provisioning MQTT API". */
const TOKEN_LIFE_MS = 3_600_000;
const TOKEN_BYTES = 48;

/** More open questions than this on one connection are refused; an honest device has one. */
const MAX_OPEN_PER_CALLER = 8;

const CreateSchema = z.object({ certificateSigningRequest: z.string() });
const RegisterSchema = z.object({
  certificateOwnershipToken: z.string().default(''),
  parameters: z.record(z.string(), z.string()).default({}),
});

interface Rejection {
  readonly statusCode: number;
  readonly errorCode: string;
  readonly errorMessage: string;
}

type Rejected = { readonly ok: false; readonly body: Rejection };
type Checked<T> = { readonly ok: true; readonly body: T } | Rejected;
type Outcome = Checked<object>;

const REJECTIONS: Partial<Record<SimErrorCode, Pick<Rejection, 'statusCode' | 'errorCode'>>> = {
  'iot.csr-invalid': { statusCode: 400, errorCode: 'InvalidCertificateSigningRequest' },
  'iot.parameter-missing': { statusCode: 400, errorCode: 'InvalidParameters' },
  'iot.template-invalid': { statusCode: 400, errorCode: 'InvalidParameters' },
  'iot.not-found': { statusCode: 404, errorCode: 'ResourceNotFound' },
  'iot.hook-failed': { statusCode: 403, errorCode: 'AccessDenied' },
};

interface ProvisioningDeps {
  readonly authority: CertificateAuthority;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly log: Logger;
}

/** Fleet provisioning over MQTT: CreateCertificateFromCsr and RegisterThing, in JSON and CBOR. */
export class Provisioning {
  hook: PreProvisioningHook | undefined;
  readonly #deps: ProvisioningDeps;
  readonly #stopping = new AbortController();
  readonly #open = new Map<Caller, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: ProvisioningDeps) {
    this.#deps = deps;
  }

  /** Takes a message if its topic is one of the service's own. */
  take({ topic, payload, caller, isThrottled }: ServiceRequest): boolean {
    const match = TOPIC.exec(topic);
    if (match === null) return false;
    const [, templateName] = match;
    const operation =
      templateName === undefined
        ? () => this.#create({ topic, payload, caller })
        : () => this.#register({ templateName, topic, payload, caller });
    const running = this.#answer({ topic, caller, isThrottled }, operation);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return true;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #answer(
    { topic, caller, isThrottled }: Omit<ServiceRequest, 'payload'>,
    operation: () => Promise<Outcome>,
  ): Promise<void> {
    const open = this.#open.get(caller) ?? 0;
    this.#open.set(caller, open + 1);
    const { log } = this.#deps;
    try {
      const isTooMany = isThrottled || open >= MAX_OPEN_PER_CALLER;
      const outcome = isTooMany ? rejected(429, 'TooManyRequests', 'Too many requests') : await operation();
      const facts = { topic, clientId: caller.clientId };
      if (outcome.ok) log.info(facts, 'provisioning request accepted');
      else log.warn({ ...facts, ...outcome.body }, 'provisioning request rejected');
      caller.reply(`${topic}/${outcome.ok ? 'accepted' : 'rejected'}`, encodePayload(formatOf(topic), outcome.body));
    } finally {
      const left = (this.#open.get(caller) ?? 1) - 1;
      if (left === 0) this.#open.delete(caller);
      else this.#open.set(caller, left);
    }
  }

  async #create({ topic, payload, caller }: Omit<ServiceRequest, 'isThrottled'>): Promise<Outcome> {
    const request = parseBody(CreateSchema, topic, payload);
    if (!request.ok) return request;
    const { authority, clock, randomBytes, registry } = this.#deps;
    return await this.#outcomeOf(async () => {
      registry.purge(clock.now());
      const { certificateSigningRequest } = request.body;
      const { certificateId, certPem } = await authority.issueFromCsr(certificateSigningRequest, clock.now());
      const certificateOwnershipToken = Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url');
      registry.putCertificate({
        certificateId,
        certificatePem: certPem,
        status: 'PENDING_ACTIVATION',
        policies: [],
        createdMs: clock.now(),
        ownership: {
          tokenSha256: sha256(certificateOwnershipToken),
          claimCertificateId: caller.certificateId,
          expiresMs: clock.now() + TOKEN_LIFE_MS,
        },
      });
      return { ok: true, body: { certificateOwnershipToken, certificateId, certificatePem: certPem } };
    });
  }

  async #register({
    templateName,
    topic,
    payload,
    caller,
  }: Pick<ServiceRequest, 'topic' | 'payload' | 'caller'> & { templateName: string }): Promise<Outcome> {
    const request = parseBody(RegisterSchema, topic, payload);
    if (!request.ok) return request;
    const occasion = { operation: 'RegisterThing', topic, clientId: caller.clientId } as const;
    return await this.#outcomeOf(async () => {
      // Before anybody is asked: the hook belongs to the template.
      this.#templateNamed(templateName);
      if (this.#deps.faults.strike(['token-expired'], occasion)) this.#expire(request.body.certificateOwnershipToken);
      const owned = this.#certificateFor(request.body.certificateOwnershipToken, caller);
      if (!owned.ok) return owned;
      const { certificateId, certificatePem } = owned.body;
      const question: HookRequest = {
        claimCertificateId: caller.certificateId,
        certificateId,
        certificatePem,
        templateArn: arn('provisioningtemplate', templateName),
        clientId: caller.clientId,
        parameters: request.body.parameters,
      };
      const answer = await this.#askHook(question, occasion);
      if (!answer.allowProvisioning) return rejected(403, 'AccessDenied', answer.reason ?? 'Access Denied');
      return this.#settle(templateName, { ...request.body.parameters, ...answer.parameterOverrides }, certificateId);
    });
  }

  async #outcomeOf(work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      const known = error instanceof SimError ? REJECTIONS[error.code] : undefined;
      this.#deps.log.debug({ err: error }, 'provisioning request failed');
      if (!(error instanceof SimError) || known === undefined)
        return rejected(500, 'InternalFailure', 'internal failure');
      return rejected(known.statusCode, known.errorCode, error.message);
    }
  }

  #templateNamed(templateName: string): Template {
    const template = this.#deps.registry.template(templateName);
    if (template === undefined) throw new SimError('iot.not-found', `template ${templateName} does not exist`);
    return template;
  }

  #certificateFor(token: string, caller: Caller): Checked<CertificateRecord> {
    const refuse = (text: string) => rejected(400, 'InvalidCertificateOwnershipToken', text);
    if (token === '') return refuse('Certificate ownership token cannot be empty');
    const { clock, registry } = this.#deps;
    registry.purge(clock.now());
    const certificate = registry.ownedBy(sha256(token));
    const ownership = certificate?.ownership;
    if (certificate === undefined || ownership === undefined) return refuse('Certificate ownership token is not valid');
    if (ownership.expiresMs <= clock.now()) return refuse('Certificate ownership token has expired');
    if (ownership.claimCertificateId !== caller.certificateId) {
      return refuse('Certificate ownership token belongs to another claim certificate');
    }
    return { ok: true, body: certificate };
  }

  #expire(token: string): void {
    const { clock, registry } = this.#deps;
    const certificate = registry.ownedBy(sha256(token));
    if (certificate?.ownership === undefined) return;
    registry.putCertificate({ ...certificate, ownership: { ...certificate.ownership, expiresMs: clock.now() } });
  }

  async #askHook(request: HookRequest, occasion: Occasion): Promise<HookReply> {
    const { clock, faults } = this.#deps;
    const fault = faults.strike(['hook-slow', 'hook-failing', 'hook-refusing'], occasion);
    if (fault?.kind === 'hook-refusing') return { allowProvisioning: false, reason: fault.reason };
    if (fault?.kind === 'hook-failing') throw new SimError('iot.hook-failed', 'the hook failed');
    const hook = this.hook ?? (() => ({ allowProvisioning: true }));
    return await askHook(hook, request, { clock, signal: this.#stopping.signal, delayMs: fault?.delayMs });
  }

  /** Reads the certificate again: while the hook was asked, it may have been revoked or registered. */
  #settle(templateName: string, parameters: Record<string, string>, certificateId: string): Outcome {
    const { clock, registry } = this.#deps;
    const template = this.#templateNamed(templateName);
    const certificate = registry.certificate(certificateId);
    if (certificate === undefined) throw new SimError('iot.not-found', `certificate ${certificateId} does not exist`);
    if (certificate.status === 'REVOKED') return rejected(403, 'AccessDenied', 'the certificate is revoked');
    const filled = fillTemplate(template, parameters, certificateId);
    const { thing, overrides, policyNames } = filled;
    const { thingName } = thing;
    const unknown = policyNames.find((name) => !registry.hasPolicy(name));
    if (unknown !== undefined) throw new SimError('iot.not-found', `policy ${unknown} does not exist`);
    if (certificate.thingName !== undefined && certificate.thingName !== thingName) {
      return rejected(409, 'ResourceConflicts', `the certificate is attached to ${certificate.thingName}`);
    }
    const existing = registry.thing(thingName);
    if (existing !== undefined && failsOnExisting(overrides) && certificate.thingName !== thingName) {
      return rejected(409, 'ResourceConflicts', `thing ${thingName} exists`);
    }
    registry.attach(
      existing === undefined ? { ...thing, createdMs: clock.now() } : overrideThing(existing, thing, overrides),
      {
        ...certificate,
        status: certificate.thingName === undefined ? filled.certificateStatus : certificate.status,
        policies: [...new Set([...certificate.policies, ...policyNames])],
      },
    );
    return { ok: true, body: { thingName, deviceConfiguration: filled.deviceConfiguration } };
  }
}

function parseBody<T>(schema: z.ZodType<T>, topic: string, payload: Buffer): Checked<T> {
  const format = formatOf(topic);
  try {
    return { ok: true, body: schema.parse(decodePayload(format, payload)) };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : `the payload is not ${format.toUpperCase()}`;
    return rejected(400, 'InvalidPayload', why);
  }
}

function formatOf(topic: string): PayloadFormat {
  return topic.endsWith('/cbor') ? 'cbor' : 'json';
}

function rejected(statusCode: number, errorCode: string, errorMessage: string): Rejected {
  return { ok: false, body: { statusCode, errorCode, errorMessage } };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
