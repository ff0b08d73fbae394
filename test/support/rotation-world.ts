import 'reflect-metadata';
import { createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ProvisioningError, type ProvisioningErrorCode } from '../../provisioning/errors.js';
import type { ClaimRequests } from '../../provisioning/fleet/claim-link.js';
import { type HubIdentity, KeyStore } from '../../provisioning/fleet/key-store.js';
import { thingNameFor } from '../../provisioning/hw-id/index.js';
import type { Move, RotatingLink, RotationCloud } from '../../provisioning/rotation/rotation-ports.js';
import { certify } from './certify.js';

const HW_ID = '00112233445566778899';
const THING = thingNameFor(HW_ID);

/** What is asked of AWS IoT and of the cloud, in the order of a rotation. */
export type Question = 'csr' | 'register' | 'move' | 'commit' | 'takes';

/** `lost`: it was done, and the answer did not come. */
type Fault = { of: Question; code: ProvisioningErrorCode; lost?: boolean };

/** AWS IoT and the cloud as far as a rotation sees them, beside a hub whose key store is real. */
export class RotationWorld implements RotatingLink, RotationCloud, ClaimRequests {
  readonly keyStore: KeyStore;
  readonly asked: Question[] = [];
  /** Struck in order, each by the next question of its kind. */
  faults: Fault[] = [];
  /** Certificates that connect, and those whose tokens the cloud takes. */
  readonly active = new Set<string>();
  readonly live = new Set<string>();
  keyOfNextCertificate: x509.PublicKeyType | undefined;
  nameOfNextThing: string | undefined;
  readonly #tokens = new Map<string, string>();

  /** False while the network is away. */
  isReached = true;
  #pair: HubIdentity | undefined;

  constructor(dir: string) {
    this.keyStore = new KeyStore({ dir });
  }

  /** An ACTIVE hub as older builds left it, and its certificate id. */
  async provision(): Promise<string> {
    await this.keyStore.makeKey();
    const der = createPublicKey(await this.keyStore.readKey()).export({ type: 'spki', format: 'der' });
    const { certificateId, certPem } = await certify(new x509.PublicKey(der));
    await this.keyStore.writeCertificate(certificateId, certPem);
    const hub = { hwId: HW_ID, model: 1, claimNonce: 'a nonce of 22 letters!', thingName: THING };
    await this.keyStore.writeState({ phase: 'ACTIVE', ...hub, certificateId, deviceConfiguration: {} });
    this.active.add(certificateId);
    this.live.add(certificateId);
    await this.restart();
    return certificateId;
  }

  /** The hub's process begins anew: its link takes the pair that the store says. */
  async restart(): Promise<void> {
    this.#pair = await this.keyStore.identity();
  }

  get requests(): ClaimRequests {
    return this;
  }

  get pair(): HubIdentity {
    if (this.#pair === undefined) throw new ProvisioningError('rotation.not-active', 'no pair');
    return this.#pair;
  }

  isConnected(): boolean {
    return this.isReached && this.#connects(this.pair);
  }

  /** Whether a pair that lies on the disk connects. */
  async hasWorkingPair(): Promise<boolean> {
    const { current, next } = await this.keyStore.pairs();
    return [current, next].some((pair) => pair !== undefined && this.#connects(pair));
  }

  count(question: Question): number {
    return this.asked.filter((one) => one === question).length;
  }

  async createCertificateFromCsr(csrPem: string) {
    return await this.#answer('csr', async () => {
      this.#requireConnection();
      const request = new x509.Pkcs10CertificateRequest(csrPem);
      if (!(await request.verify(webcrypto))) throw new ProvisioningError('claim.rejected', 'not signed by its key');
      const issued = await certify(this.keyOfNextCertificate ?? request.publicKey);
      this.keyOfNextCertificate = undefined;
      const token = `token ${this.#tokens.size}`;
      this.#tokens.set(token, issued.certificateId);
      return { ...issued, token };
    });
  }

  async registerThing({ token, parameters }: { token: string; parameters: Record<string, string> }) {
    return await this.#answer('register', async () => {
      this.#requireConnection();
      const certificateId = this.#tokens.get(token);
      if (certificateId === undefined) throw new ProvisioningError('claim.token-refused', 'used up');
      if (parameters.hwId !== HW_ID) throw new ProvisioningError('claim.refused', 'another hub');
      this.active.add(certificateId);
      this.live.add(certificateId);
      return { thingName: this.nameOfNextThing ?? THING, deviceConfiguration: {} };
    });
  }

  async moveTo(pair: HubIdentity): Promise<Move> {
    try {
      await this.#answer('move', async () => {
        if (!this.isReached) throw new ProvisioningError('link.no-network', 'nobody answers');
        if (!this.#connects(pair)) throw new ProvisioningError('link.refused', 'CONNACK 135');
        this.#pair = pair;
      });
      return { ok: true };
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      return { ok: false, code: error.code, message: error.message };
    }
  }

  async stayWith(pair: HubIdentity): Promise<void> {
    this.#pair = pair;
  }

  async commit(next: HubIdentity, replaces: string): Promise<void> {
    await this.#answer('commit', async () => {
      if (!this.live.has(next.certificateId)) {
        throw new ProvisioningError('rotation.commit-refused', 'the certificate is not live');
      }
      this.live.delete(replaces);
      this.active.delete(replaces);
    });
  }

  async takes({ certificateId }: HubIdentity): Promise<boolean> {
    return await this.#answer('takes', async () => this.live.has(certificateId));
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }

  #requireConnection(): void {
    if (!this.isConnected()) throw new ProvisioningError('link.lost', 'the link is down');
  }

  #connects({ certificateId, certPem, keyPem }: HubIdentity): boolean {
    const isOurs = new X509Certificate(certPem).publicKey.equals(createPublicKey(keyPem));
    return isOurs && this.active.has(certificateId);
  }

  async #answer<T>(question: Question, effect: () => Promise<T>): Promise<T> {
    this.asked.push(question);
    const fault = this.faults.find(({ of }) => of === question);
    this.faults = this.faults.filter((one) => one !== fault);
    if (fault === undefined) return await effect();
    if (fault.lost === true) await effect();
    throw new ProvisioningError(fault.code, 'as the test wishes');
  }
}
