/** What can go wrong on the hub. Stable: shown to people and sent to the cloud. */
export type HubErrorCode =
  | 'config.invalid' // settings are missing or wrong; the message names each
  | 'storage.newer-file' // the database was written by a newer build
  | 'storage.unsafe-setting' // SQLite did not take a setting on which durability rests
  | 'storage.full' // the card is full, or the database has reached its limit
  | 'storage.failing' // the card cannot be read or written
  | 'storage.damaged' // the database file is damaged
  | 'storage.damaged-blob' // a stored frame or asset no longer has the hash in its name
  | 'outbox.full' // lane 0 holds its 8 MiB; nothing more is accepted until the cloud takes some
  | 'registers.full' // as many keys as registers may have; values of known keys are still taken
  | 'link.down' // not connected, and nothing is queued in memory
  | 'link.refused' // the broker answered a publish or a subscribe with a refusal
  | 'sync.unreachable' // the cloud did not answer, or not with a reply of the protocol
  | 'sync.refused' // the cloud answered with a client error
  | 'sync.version' // the cloud does not speak the sync protocol of this hub; what happens is kept for it
  | 'sync.too-large' // somebody on the way, or the cloud, does not take a request of this size
  | 'sync.busy' // the cloud asks to come back later
  | 'asset.unreachable' // the cloud could not be asked for a picture
  | 'asset.refused' // the cloud does not give this hub the picture
  | 'asset.damaged' // what came is not what the hash names
  | 'asset.too-large' // more bytes than announced, or than the hub takes
  | 'display.unknown' // no display of this hub has the id
  | 'display.empty' // nothing that could be drawn again has been shown
  | 'display.superseded' // something newer took its place before it was painted
  | 'display.failed' // the glass could not be painted
  | 'command.unknown-kind' // a kind that this build does not know
  | 'command.unsupported-kind' // a kind that this build knows and cannot do
  | 'command.invalid-body' // the body is not what the kind calls for
  | 'command.too-many-attempts' // started again after restarts as often as is allowed
  | 'command.lost' // the card lost it after it had been received; it may have run
  | 'command.interrupted' // the hub stopped in the middle; the outcome is unknown
  | 'command.deadline-passed' // its time was over before it could start
  | 'command.superseded' // a newer revision of the same slot took its place
  | 'command.expired' // the cloud withdrew it
  | 'command.failed' // a failure that has no better name
  | 'presentation.unknown' // no presentation with this id
  | 'claim.not-found' // no code of this hub is what was typed, or it is over
  | 'claim.too-many' // too many wrong codes were typed
  | 'claim.too-fast' // typed again sooner than the interval, which is longer from now on
  | 'claim.not-wanted' // the hub is somebody's, or is claimed by an account
  | 'content.empty' // neither title, text, QR code nor picture
  | 'content.unreadable' // the form could not be read
  | 'content.unsupported-picture' // not a picture of a kind that the hub draws
  | 'request.invalid' // the request is not what the route takes
  | 'request.not-found' // no such address
  | 'request.too-large' // more bytes than the hub takes
  | 'request.unsupported-media-type' // a body of a kind that the route does not take
  | 'request.foreign-host' // asked under a name that is not this hub's
  | 'request.foreign-origin' // sent by another site's page
  | 'file.unreadable' // a file that a command was given cannot be read, or is not what it should be
  | 'file.unwritable' // a file that a command should write cannot be written
  | 'queue.not-a-queue' // a file that is not the queue of a hub, or of an older build
  | 'job.bad-answer' // it answered with something else
  | 'job.busy' // it throttles, or is out of order
  | 'job.unknown-op' // a job asks for what this hub does not do
  | 'hub.stopping' // the hub stops; what has no end yet goes on at its next start
  | 'hub.internal'; // a fault of the hub itself

/** A failure on the hub; callers decide by `code`. */
export class HubError extends Error {
  readonly code: HubErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: HubErrorCode, message: string, options?: { cause?: unknown; details?: Record<string, unknown> }) {
    super(message, { cause: options?.cause });
    this.name = 'HubError';
    this.code = code;
    this.details = options?.details ?? {};
  }
}

/** The HTTP status of each code that a route may answer with; all others are a 500. */
export const HTTP_STATUS: Partial<Record<HubErrorCode, number>> = {
  'outbox.full': 503,
  'storage.full': 503,
  'storage.failing': 503,
  'storage.damaged': 503,
  'display.unknown': 404,
  'display.empty': 404,
  'storage.damaged-blob': 404,
  'presentation.unknown': 404,
  'claim.not-found': 404,
  'claim.too-many': 429,
  'claim.too-fast': 429,
  'claim.not-wanted': 409,
  'content.empty': 422,
  'content.unreadable': 400,
  'content.unsupported-picture': 415,
  'request.invalid': 400,
  'request.not-found': 404,
  'request.too-large': 413,
  'request.unsupported-media-type': 415,
  'request.foreign-host': 403,
  'request.foreign-origin': 403,
};

/** The code and message of any failure, for the cloud and for people; foreign errors keep their code if they have one. */
export function describeFailure(error: unknown, fallback: HubErrorCode): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: fallback, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' && error.code.includes('.') ? error.code : fallback;
  return { code, message: error.message };
}
