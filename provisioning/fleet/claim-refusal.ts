import { z } from 'zod';
import { parseJson } from '../../contract/index.js';
import { ProvisioningError, type ProvisioningErrorCode } from '../errors.js';

/** The guide lists no error codes: decisions hang on the status. */
const RejectedSchema = z.object({
  statusCode: z.number().int(),
  errorCode: z.string().default(''),
  errorMessage: z.string().default(''),
});

/** What the cloud's hook says when it was asked too often; every further try counts against the hub. */
const ASKED_TOO_OFTEN = 'rate-limited';

/** What a `rejected` answer of fleet provisioning means. */
export function refusalOf(topic: string, payload: Uint8Array): ProvisioningError {
  const parsed = parseJson(RejectedSchema, payload);
  if (!parsed.ok) return new ProvisioningError('claim.bad-answer', `${topic}/rejected is not a rejection`);
  const { statusCode, errorCode, errorMessage } = parsed.value;
  if (statusCode === 403 && errorMessage !== ASKED_TOO_OFTEN) {
    return new ProvisioningError('claim.refused', errorMessage || errorCode || 'access denied');
  }
  const words = `${topic} was refused by ${statusCode} ${errorCode}: ${errorMessage}`;
  return new ProvisioningError(codeFor(parsed.value), words);
}

function codeFor({ statusCode, errorCode, errorMessage }: z.infer<typeof RejectedSchema>): ProvisioningErrorCode {
  if (statusCode === 429 || statusCode === 403) return 'claim.throttled';
  if (statusCode >= 500) return 'claim.unavailable';
  const words = `${errorCode} ${errorMessage}`;
  if (/ownership ?token/i.test(words)) return 'claim.token-refused';
  return statusCode === 404 && /template/i.test(words) ? 'claim.template-unknown' : 'claim.rejected';
}
