import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Problem } from '../contract/index.js';

/** Every code that this service gives to people and programs, with its HTTP status. */
const STATUS = {
  /** A field, cursor, limit, id or header that breaks its schema. */
  invalid_request: 400,
  /** Assets that cannot be combined as asked. */
  invalid_asset: 400,
  /** No credential, or one that is wrong, expired, revoked or of the wrong kind: all alike. */
  authentication_failed: 401,
  /** Known, but not allowed. */
  access_denied: 403,
  /** No such path. */
  not_found: 404,
  display_not_found: 404,
  content_not_found: 404,
  analysis_not_found: 404,
  presentation_not_found: 404,
  archive_not_found: 404,
  conversation_not_found: 404,
  message_not_found: 404,
  asset_not_found: 404,
  hub_not_found: 404,
  command_not_found: 404,
  /** No hardware was written down under this id. */
  hardware_not_found: 404,
  token_not_found: 404,
  /** The idempotency key was used with another body. */
  idempotency_conflict: 409,
  /** The thing is in a state that does not permit this. */
  invalid_state: 409,
  analysis_in_progress: 409,
  /** An analysis names a content whose upload is missing. */
  asset_not_uploaded: 409,
  presentation_not_deliverable: 409,
  /** An account with this e-mail address exists. */
  email_taken: 409,
  /** The body is larger than the route takes. */
  payload_too_large: 413,
  asset_too_large: 413,
  unsupported_media_type: 415,
  no_compatible_display: 422,
  display_incompatible: 422,
  /** Too many requests or tries; `Retry-After` says when. */
  rate_limited: 429,
  quota_exceeded: 429,
  /** A fault of ours; the log has it under the request id. */
  internal_error: 500,
  processing_unavailable: 503,
  /** No live claim has this code, or the claim is over. */
  'claim.not-found': 404,
  /** A work order that no key of the allow list signed as it is, or not for today. */
  'work-order.malformed': 401,
  'work-order.unknown-key': 401,
  'work-order.revoked-key': 401,
  'work-order.wrong-signature': 401,
  'work-order.expired': 401,
  'work-order.not-yet-valid': 401,
  'work-order.another-technician': 401,
  /** A good work order that does not allow this kind of work, or does not list this hardware. */
  'work-order.not-allowed': 403,
  'work-order.not-listed': 403,
  /** The certificate that asks to be committed replaces nothing, something else, or waited too long. */
  'certificate.not-pending': 409,
  /** Tried again sooner than the interval, which is longer from now on; `Retry-After` says it. Source: RFC 8628 section 3.5. */
  slow_down: 429,
  /** The link is none of a tag that proves itself. */
  'sun.malformed': 400,
  /** The link was not made by the tag that it names. */
  'sun.wrong-mac': 403,
  /** The link was used before, or an older one than another that was. */
  'sun.replayed': 409,
  /** The tag belongs to no hub, or this service has no keys to tell. */
  'sun.unknown-tag': 404,
  /** No hub has told of a binding at home with this receipt. */
  'binding.unknown-receipt': 404,
  /** The hub is another household's, or was let go: the binding at home does not count. */
  'binding.vetoed': 409,
  /** The sync protocol's major is not spoken here; details.supported lists those that are. */
  E_VERSION: 400,
  /** Settings that cannot be used, all named in the message. */
  'config.invalid': 500,
  /** Another live process has the embedded database open. */
  'database.locked': 500,
  /** A statement failed; its SQLSTATE is in details, its values are nowhere. */
  'database.failed': 500,
  /** The embedded database cannot be opened, and no dump could take its place. */
  'database.unusable': 500,
  /** The database was made by a newer build, or an applied migration was edited. */
  'database.migration-mismatch': 500,
  /** A key file that is not what this service wrote. */
  'keys.unusable': 500,
  /** A message of a hub is acknowledged later than the next one is read; seen by the MQTT client alone. */
  'link.acknowledged-later': 500,
  /** AWS IoT did not do what it was asked to; the queue asks again. */
  'iot.control-failed': 500,
  /** A route was registered without saying who may call it. */
  'route.no-access': 500,
} as const;

export type CloudErrorCode = keyof typeof STATUS;

export class CloudError extends Error {
  readonly code: CloudErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: CloudErrorCode, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CloudError';
    this.code = code;
    this.details = details;
  }
}

/** What a failure becomes on the wire; an unknown one says nothing of its inside. */
export function toProblem(error: unknown, requestId: string): { status: number; problem: Problem } {
  const { status, code, message, details } = describe(error);
  return { status, problem: { error: { code, message, requestId, details } } };
}

const FRAMEWORK_CODES: Partial<Record<number, CloudErrorCode>> = {
  401: 'authentication_failed',
  403: 'access_denied',
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
};

const FrameworkErrorSchema = z.object({ statusCode: z.number().int().min(400).max(499), message: z.string() });

type Description = { status: number; code: string; message: string; details: Record<string, unknown> };

function describe(error: unknown): Description {
  if (error instanceof CloudError) {
    const { code, message, details } = error;
    const status = STATUS[code];
    return status >= 500 && code !== 'processing_unavailable' ? HIDDEN : { status, code, message, details };
  }
  if (isResponseSerializationError(error)) return HIDDEN;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.map(({ instancePath, message }) => ({
      path: instancePath.replace(/^\//, '').replaceAll('/', '.'),
      reason: message ?? '',
    }));
    const message = fields.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`)).join('; ');
    return { status: 400, code: 'invalid_request', message, details: { fields } };
  }
  const framework = FrameworkErrorSchema.safeParse(error);
  if (!framework.success) return HIDDEN;
  const { statusCode: status, message } = framework.data;
  return { status, code: FRAMEWORK_CODES[status] ?? 'invalid_request', message, details: {} };
}

const HIDDEN: Description = {
  status: 500,
  code: 'internal_error',
  message: 'The service failed; its log has more under this request id.',
  details: {},
};
