/** What a hub does on its way to its certificate, in this order. */
export type ProvisioningStep =
  /** Whether certificates can be checked by the clock. */
  | 'check-clock'
  /** Making the device key. */
  | 'make-key'
  /** Connecting with the claim certificate. */
  | 'connect'
  /** Asking for a certificate by a signing request. */
  | 'ask-certificate'
  /** RegisterThing, in which the cloud's hook is asked. */
  | 'register'
  /** Connecting with the new certificate. */
  | 'verify';

/** Hears how provisioning goes; none of them may throw. */
export interface ProvisioningListener {
  onStep(step: ProvisioningStep): void;
  /** A failure that time may mend. */
  onTrouble(trouble: { code: string; message: string; step: ProvisioningStep; waitMs: number }): void;
}
