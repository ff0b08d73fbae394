import { z } from 'zod';
import { type Policy, type PolicyDocument, parsePolicy } from './policy.js';
import { StateFile } from './state-file.js';
import { type Template, TemplateSchema } from './template.js';
import { type ThingRecord, ThingSchema } from './thing-record.js';

const CertificateStatusSchema = z.enum(['ACTIVE', 'INACTIVE', 'PENDING_ACTIVATION', 'REVOKED']);

const CertificateSchema = z.object({
  certificateId: z.string(),
  certificatePem: z.string(),
  status: CertificateStatusSchema,
  policies: z.array(z.string()),
  thingName: z.string().optional(),
  createdMs: z.number(),
  /** The proof that a device hands in with RegisterThing, kept as a hash, and who may hand it in until when. */
  ownership: z.object({ tokenSha256: z.string(), claimCertificateId: z.string(), expiresMs: z.number() }).optional(),
});

const StateSchema = z.object({
  version: z.literal(1),
  things: z.array(ThingSchema),
  certificates: z.array(CertificateSchema),
  policies: z.record(z.string(), z.unknown()),
  templates: z.record(z.string(), TemplateSchema),
});

export type CertificateStatus = z.infer<typeof CertificateStatusSchema>;
export type CertificateRecord = z.infer<typeof CertificateSchema>;

interface Held {
  readonly things: ReadonlyMap<string, ThingRecord>;
  readonly certificates: ReadonlyMap<string, CertificateRecord>;
  readonly policies: ReadonlyMap<string, { readonly document: unknown; readonly policy: Policy }>;
  readonly templates: ReadonlyMap<string, Template>;
}

/** Things, certificates, policies and templates, in one file that is whole before a change is answered. */
export class Registry {
  readonly #stored: StateFile<z.infer<typeof StateSchema>>;
  #held: Held;

  /** @throws SimError `iot.state-unreadable` */
  constructor(file: string) {
    this.#stored = new StateFile(file, StateSchema);
    const { things = [], certificates = [], policies = {}, templates = {} } = this.#stored.read() ?? {};
    this.#held = {
      things: new Map(things.map((thing) => [thing.thingName, thing])),
      certificates: new Map(certificates.map((certificate) => [certificate.certificateId, certificate])),
      policies: new Map(
        Object.entries(policies).map(([name, document]) => [name, { document, policy: parsePolicy(name, document) }]),
      ),
      templates: new Map(Object.entries(templates)),
    };
  }

  things(): ThingRecord[] {
    return [...this.#held.things.values()];
  }

  thing(thingName: string): ThingRecord | undefined {
    return this.#held.things.get(thingName);
  }

  certificates(): CertificateRecord[] {
    return [...this.#held.certificates.values()];
  }

  certificate(certificateId: string): CertificateRecord | undefined {
    return this.#held.certificates.get(certificateId);
  }

  /** The certificate whose ownership token has this hash. */
  ownedBy(tokenSha256: string): CertificateRecord | undefined {
    return this.certificates().find(({ ownership }) => ownership?.tokenSha256 === tokenSha256);
  }

  template(name: string): Template | undefined {
    return this.#held.templates.get(name);
  }

  policiesOf(certificate: CertificateRecord): Policy[] {
    return certificate.policies.flatMap((name) => this.#held.policies.get(name)?.policy ?? []);
  }

  hasPolicy(name: string): boolean {
    return this.#held.policies.has(name);
  }

  /** @throws SimError `iot.policy-invalid` */
  putPolicy(name: string, document: PolicyDocument): void {
    const policy = { document, policy: parsePolicy(name, document) };
    this.#keep({ policies: new Map(this.#held.policies).set(name, policy) });
  }

  putTemplate(name: string, template: Template): void {
    this.#keep({ templates: new Map(this.#held.templates).set(name, template) });
  }

  putCertificate(certificate: CertificateRecord): void {
    this.#keep({ certificates: this.#certificatesWith(certificate) });
  }

  /** A thing and the certificate that belongs to it from now on, both or neither. */
  attach(thing: ThingRecord, certificate: CertificateRecord): void {
    const { thingName } = thing;
    this.#keep({
      things: new Map(this.#held.things).set(thingName, thing),
      certificates: this.#certificatesWith({ ...certificate, thingName }),
    });
  }

  detach(certificate: CertificateRecord): void {
    const { thingName: _, ...alone } = certificate;
    this.putCertificate(alone);
  }

  /** Forgets certificates that were never registered while their ownership token lived. */
  purge(nowMs: number): void {
    const isDead = ({ status, ownership, thingName }: CertificateRecord) =>
      thingName === undefined &&
      status === 'PENDING_ACTIVATION' &&
      ownership !== undefined &&
      ownership.expiresMs <= nowMs;
    if (!this.certificates().some(isDead)) return;
    const alive = this.certificates().filter((certificate) => !isDead(certificate));
    this.#keep({ certificates: new Map(alive.map((certificate) => [certificate.certificateId, certificate])) });
  }

  #certificatesWith(certificate: CertificateRecord): Map<string, CertificateRecord> {
    return new Map(this.#held.certificates).set(certificate.certificateId, certificate);
  }

  /** Written first: what cannot be written has not happened. */
  #keep(change: Partial<Held>): void {
    const next = { ...this.#held, ...change };
    this.#stored.write({
      version: 1,
      things: [...next.things.values()],
      certificates: [...next.certificates.values()],
      policies: Object.fromEntries([...next.policies].map(([name, { document }]) => [name, document])),
      templates: Object.fromEntries(next.templates),
    });
    this.#held = next;
  }
}
