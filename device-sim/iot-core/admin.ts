import { SimError } from '../errors.js';
import type { CertificateAuthority, Credentials } from './certificate-authority.js';
import type { Client, OnDenied } from './client.js';
import type { Faults } from './faults/faults.js';
import type { PreProvisioningHook } from './hook.js';
import type { Jobs } from './jobs/jobs.js';
import type { JsonObject } from './json.js';
import type { Message } from './message.js';
import type { PolicyDocument } from './policy.js';
import type { Rates } from './rates.js';
import { REASON } from './reason-codes.js';
import type { CertificateRecord, CertificateStatus, Registry } from './registry.js';
import type { ShadowService } from './shadow/shadow-service.js';
import type { ShadowDocument, ShadowId, Shadows } from './shadow/shadows.js';
import { BACKEND_POLICY, claimPolicyName } from './shipped-policies.js';
import { HUB_TEMPLATE_NAME } from './shipped-template.js';
import type { ThingRecord } from './thing-record.js';

/** A connected client. */
export interface ClientView {
  readonly clientId: string;
  readonly certificateId: string;
  readonly protocolVersion: 4 | 5;
  readonly keepAliveS: number;
  readonly subscriptions: readonly { readonly filter: string; readonly qos: 0 | 1 }[];
}

/** A message as it was published, wills included. */
export interface TappedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly clientId: string | undefined;
}

interface AdminDeps {
  readonly registry: Registry;
  readonly authority: CertificateAuthority;
  readonly faults: Faults;
  readonly jobs: Jobs;
  readonly shadows: Shadows;
  readonly shadowService: Pick<ShadowService, 'update'>;
  readonly nowMs: () => number;
  readonly clients: () => Client[];
  readonly tap: (listener: (message: Message) => void) => () => void;
  readonly setHook: (hook: PreProvisioningHook | undefined) => void;
  readonly setRates: (rates: Rates) => void;
  readonly setOnDenied: (onDenied: OnDenied) => void;
  readonly setJobEvents: (areOn: boolean) => void;
  readonly cutAll: () => void;
}

/** The console of the stand-in: what an operator or a test may see and do. */
export class IotCoreAdmin {
  /** What is to go wrong on purpose: `arm`, `report`, `struck`, `clear`. */
  readonly faults: Faults;
  /** What things are to do: `create`, `cancel`, `list`, `executions`. */
  readonly jobs: Pick<Jobs, 'create' | 'cancel' | 'list' | 'executions'>;
  readonly #deps: AdminDeps;
  #isAllDown = false;
  readonly #down = new Set<string>();

  constructor(deps: AdminDeps) {
    this.#deps = deps;
    this.faults = deps.faults;
    this.jobs = deps.jobs;
  }

  things(): ThingRecord[] {
    return this.#deps.registry.things();
  }

  certificates(): CertificateRecord[] {
    this.#deps.registry.purge(this.#deps.nowMs());
    return this.#deps.registry.certificates();
  }

  /** The clients that are connected now. */
  clients(): ClientView[] {
    return this.#deps.clients().map(({ admission, subscriptions }) => ({
      clientId: admission.clientId,
      certificateId: admission.certificateId,
      protocolVersion: admission.protocolVersion,
      keepAliveS: admission.keepAliveS,
      subscriptions: [...subscriptions.values()].map(({ filter, qos }) => ({ filter, qos })),
    }));
  }

  /** A factory credential that may only register with one template, as client `inklet-fp-*`. */
  async createClaimCertificate(templateName: string = HUB_TEMPLATE_NAME): Promise<Credentials> {
    return await this.createCertificate(`${templateName} claim`, [claimPolicyName(templateName)]);
  }

  /** The credential of the cloud's own client, `inklet-backend*`. */
  async createBackendCertificate(): Promise<Credentials> {
    return await this.createCertificate('inklet-backend', [BACKEND_POLICY]);
  }

  /**
   * An active certificate with a key and these policies.
   * @throws SimError `iot.not-found` for a policy that does not exist
   */
  async createCertificate(commonName: string, policies: readonly string[]): Promise<Credentials> {
    const { authority, nowMs, registry } = this.#deps;
    const unknown = policies.find((name) => !registry.hasPolicy(name));
    if (unknown !== undefined) throw new SimError('iot.not-found', `policy ${unknown} does not exist`);
    const credentials = await authority.issueWithKey(commonName);
    const { certificateId, certPem } = credentials;
    registry.putCertificate({
      certificateId,
      certificatePem: certPem,
      status: 'ACTIVE',
      policies: [...policies],
      createdMs: nowMs(),
    });
    return credentials;
  }

  /**
   * Attaches a certificate to a thing, which is made if need be.
   * @throws SimError `iot.not-found`
   */
  attachThing(thingName: string, certificateId: string): void {
    const { nowMs, registry } = this.#deps;
    const certificate = registry.certificate(certificateId);
    if (certificate === undefined) throw new SimError('iot.not-found', `certificate ${certificateId} does not exist`);
    const thing = registry.thing(thingName) ?? { thingName, attributes: {}, createdMs: nowMs() };
    registry.attach(thing, certificate);
  }

  /** Takes a certificate from a thing; one that is not attached to it stays as it is. */
  detachThing(thingName: string, certificateId: string): void {
    const certificate = this.#deps.registry.certificate(certificateId);
    if (certificate?.thingName === thingName) this.#deps.registry.detach(certificate);
  }

  /**
   * Changes a certificate; connections that stand on one that is no longer active are ended.
   * @throws SimError `iot.not-found`
   */
  setCertificateStatus(certificateId: string, status: CertificateStatus): void {
    const certificate = this.#deps.registry.certificate(certificateId);
    if (certificate === undefined) throw new SimError('iot.not-found', `certificate ${certificateId} does not exist`);
    this.#deps.registry.putCertificate({ ...certificate, status });
    if (status === 'ACTIVE') return;
    for (const client of this.#deps.clients()) {
      if (client.certificateId === certificateId)
        client.disconnect(REASON.notAuthorized, `the certificate is ${status}`);
    }
  }

  /**
   * Makes or replaces a policy; it counts at once, for live connections too.
   * @throws SimError `iot.policy-invalid`
   */
  putPolicy(name: string, document: PolicyDocument): void {
    this.#deps.registry.putPolicy(name, document);
  }

  /** What a thing should be and says that it is, `name` for one of its named shadows; undefined if there is none. */
  shadow(id: ShadowId): ShadowDocument | undefined {
    const { ok, ...found } = this.#deps.shadows.get(id);
    return ok && 'state' in found ? found : undefined;
  }

  /**
   * Says what a thing should be, as the cloud would; null takes a key away, or all of it.
   * @throws SimError `iot.shadow-refused`
   */
  setDesired(id: ShadowId, desired: JsonObject | null): ShadowDocument {
    const outcome = this.#deps.shadowService.update(id, { desired });
    if (!outcome.ok) throw new SimError('iot.shadow-refused', `${outcome.code} ${outcome.message}`);
    return outcome.accepted;
  }

  /** Cuts a client's socket, or sends DISCONNECT with a reason code first; false if it is not connected. */
  dropClient(clientId: string, reasonCode?: number): boolean {
    const client = this.#deps.clients().find((one) => one.clientId === clientId);
    if (reasonCode === undefined) client?.cut();
    else client?.disconnect(reasonCode, 'dropped by the operator');
    return client !== undefined;
  }

  /** Lets a client's connection stand while nothing gets through; false if it is not connected. */
  freezeClient(clientId: string): boolean {
    const client = this.#deps.clients().find((one) => one.clientId === clientId);
    client?.freeze();
    return client !== undefined;
  }

  setHook(hook: PreProvisioningHook | undefined): void {
    this.#deps.setHook(hook);
  }

  /** `AWS_RATES`, or rates of one's own; `{}` for none. */
  setRates(rates: Rates): void {
    this.#deps.setRates(rates);
  }

  setOnDenied(onDenied: OnDenied): void {
    this.#deps.setOnDenied(onDenied);
  }

  /** Whether `$aws/events/job/` and `$aws/events/jobExecution/` tell what became of jobs. */
  setJobEvents(areOn: boolean): void {
    this.#deps.setJobEvents(areOn);
  }

  /** Cuts the link of one client, or of all, and keeps it down until `resume`. */
  holdDown(clientId?: string): void {
    if (clientId !== undefined) {
      this.#down.add(clientId);
      this.dropClient(clientId);
      return;
    }
    this.#isAllDown = true;
    for (const client of this.#deps.clients()) client.cut();
    this.#deps.cutAll();
  }

  /** Undoes `holdDown` for one client, or for all. */
  resume(clientId?: string): void {
    if (clientId !== undefined) {
      this.#down.delete(clientId);
      return;
    }
    this.#isAllDown = false;
    this.#down.clear();
  }

  /** Whether everybody's link is down, or that of the named client. */
  isHeldDown(clientId?: string): boolean {
    return this.#isAllDown || (clientId !== undefined && this.#down.has(clientId));
  }

  /** Shows every message that a client publishes, requests to services too; the returned function ends it. */
  tap(listener: (message: TappedMessage) => void): () => void {
    return this.#deps.tap(({ topic, payload, qos, retain, from }) =>
      listener({ topic, payload, qos, retain, clientId: from }),
    );
  }
}
