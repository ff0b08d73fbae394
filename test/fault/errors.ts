/** Stable words for a trial that cannot be judged. */
export type FaultErrorCode =
  /** A line of a history is no step, and not the torn last one. */
  | 'history.unreadable'
  /** There is no PostgreSQL on this machine, without which it cannot be run. */
  | 'trial.no-postgres';

/** A trial of the fault suites went wrong by itself: nothing can be said about the product. */
export class FaultError extends Error {
  readonly code: FaultErrorCode;

  constructor(code: FaultErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FaultError';
    this.code = code;
  }
}
