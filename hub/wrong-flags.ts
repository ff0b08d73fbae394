import { HubError } from './errors.js';

/** What `parseArgs` finds wrong, in one line: Node goes on with advice on arguments that begin with a dash. */
export function wrongFlags(cause: unknown): HubError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HubError('config.invalid', reason.split(/\. To |\n/)[0] ?? reason, { cause });
}
