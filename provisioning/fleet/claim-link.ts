import type { DeviceConfiguration } from './state.js';

export interface IssuedCertificate {
  readonly certificateId: string;
  readonly certPem: string;
  /** Proves to RegisterThing that the certificate was issued to us. */
  readonly token: string;
}

export interface RegisteredThing {
  readonly thingName: string;
  readonly deviceConfiguration: DeviceConfiguration;
}

/** What fleet provisioning answers. One request at a time: answers carry no word of their question. */
export interface ClaimRequests {
  /** @throws ProvisioningError `claim.*`, `link.*` */
  createCertificateFromCsr(csrPem: string, signal?: AbortSignal): Promise<IssuedCertificate>;
  /** @throws ProvisioningError `claim.*`, `link.*` */
  registerThing(
    request: { token: string; parameters: Record<string, string> },
    signal?: AbortSignal,
  ): Promise<RegisteredThing>;
}

/** The same on a connection of its own. */
export interface ClaimConnection extends ClaimRequests {
  /** Never rejects. */
  close(): Promise<void>;
}

/** What the claim exchange needs of AWS IoT. */
export interface ClaimLink {
  /** @throws ProvisioningError `link.*` */
  openClaim(signal?: AbortSignal): Promise<ClaimConnection>;
  /**
   * Connects as the thing itself and subscribes to its commands, then leaves.
   * @throws ProvisioningError `link.*`
   */
  verify(identity: { thingName: string; certPem: string; keyPem: string }, signal?: AbortSignal): Promise<void>;
}
