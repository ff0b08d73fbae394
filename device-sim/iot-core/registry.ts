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

/** Things, certificates, policies and templates, in one file that is whole before a change is answered. */
export class Registry {
  readonly #stored: StateFile<z.infer<typeof StateSchema>>;
  readonly #things = new Map<string, ThingRecord>();
  readonly #certificates = new Map<string, CertificateRecord>();
  readonly #policies = new Map<string, { document: unknown; policy: Policy }>();
  readonly #templates = new Map<string, Template>();

  /** @throws SimError `iot.state-unreadable` */
  constructor(file: string) {
    this.#stored = new StateFile(file, StateSchema);
    const state = this.#stored.read();
    if (state === undefined) return;
    for (const thing of state.things) this.#things.set(thing.thingName, thing);
    for (const certificate of state.certificates) this.#certificates.set(certificate.certificateId, certificate);
    for (const [name, document] of Object.entries(state.policies)) {
      this.#policies.set(name, { document, policy: parsePolicy(name, document) });
    }
    for (const [name, template] of Object.entries(state.templates)) this.#templates.set(name, template);
  }

  things(): ThingRecord[] {
    return [...this.#things.values()];
  }

  thing(thingName: string): ThingRecord | undefined {
    return this.#things.get(thingName);
  }

  certificates(): CertificateRecord[] {
    return [...this.#certificates.values()];
  }

  certificate(certificateId: string): CertificateRecord | undefined {
    return this.#certificates.get(certificateId);
  }

  /** The certificate whose ownership token has this hash. */
  ownedBy(tokenSha256: string): CertificateRecord | undefined {
    return this.certificates().find(({ ownership }) => ownership?.tokenSha256 === tokenSha256);
  }

  template(name: string): Template | undefined {
    return this.#templates.get(name);
  }

  policiesOf(certificate: CertificateRecord): Policy[] {
    return certificate.policies.flatMap((name) => this.#policies.get(name)?.policy ?? []);
  }

  hasPolicy(name: string): boolean {
    return this.#policies.has(name);
  }

  /** @throws SimError `iot.policy-invalid` */
  putPolicy(name: string, document: PolicyDocument): void {
    this.#policies.set(name, { document, policy: parsePolicy(name, document) });
    this.#save();
  }

  putTemplate(name: string, template: Template): void {
    this.#templates.set(name, template);
    this.#save();
  }

  putCertificate(certificate: CertificateRecord): void {
    this.#certificates.set(certificate.certificateId, certificate);
    this.#save();
  }

  /** A thing and the certificate that belongs to it from now on, both or neither. */
  attach(thing: ThingRecord, certificate: CertificateRecord): void {
    this.#things.set(thing.thingName, thing);
    this.#certificates.set(certificate.certificateId, { ...certificate, thingName: thing.thingName });
    this.#save();
  }

  detach(certificate: CertificateRecord): void {
    const { thingName: _, ...alone } = certificate;
    this.putCertificate(alone);
  }

  /** Forgets certificates that were never registered while their ownership token lived. */
  purge(nowMs: number): void {
    const dead = this.certificates().filter(
      ({ status, ownership, thingName }) =>
        thingName === undefined &&
        status === 'PENDING_ACTIVATION' &&
        ownership !== undefined &&
        ownership.expiresMs <= nowMs,
    );
    if (dead.length === 0) return;
    for (const { certificateId } of dead) this.#certificates.delete(certificateId);
    this.#save();
  }

  #save(): void {
    this.#stored.write({
      version: 1,
      things: this.things(),
      certificates: this.certificates(),
      policies: Object.fromEntries([...this.#policies].map(([name, { document }]) => [name, document])),
      templates: Object.fromEntries(this.#templates),
    });
  }
}
