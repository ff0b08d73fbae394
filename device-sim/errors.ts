/** Stable words for a simulated world that was set up wrongly. */
export type SimErrorCode =
  /** A simulated tag needs a UID of seven bytes that begins with 04, NXP's number. */
  'nfc.bad-uid';

export class SimError extends Error {
  readonly code: SimErrorCode;

  constructor(code: SimErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SimError';
    this.code = code;
  }
}
