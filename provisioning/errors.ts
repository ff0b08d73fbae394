/** Stable words for what can go wrong about who a device is. */
export type ProvisioningErrorCode =
  /** A hardware id, model, batch, key id or tag UID is not in its range. */
  'hw-id.out-of-range';

export class ProvisioningError extends Error {
  readonly code: ProvisioningErrorCode;

  constructor(code: ProvisioningErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProvisioningError';
    this.code = code;
  }
}
