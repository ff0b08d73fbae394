/** Why the hook on AWS Lambda gives no answer. Its own, so that what is uploaded is a few small files and zod. */
export type LambdaErrorCode =
  /** The cloud did not decide: out of reach, too slow, or out of order. */
  | 'hook.undecided'
  /** The function's environment lacks something. */
  | 'config.invalid';

export class LambdaError extends Error {
  readonly code: LambdaErrorCode;

  constructor(code: LambdaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LambdaError';
    this.code = code;
  }
}
