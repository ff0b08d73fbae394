import { isJsonObject, type Json, type JsonObject, levelsOf, readJson } from '../json.js';

/** The longest state of a shadow, as JSON without metadata. Source: AWS IoT Device Shadow quotas. */
export const MAX_STATE_BYTES = 8 * 1024;

const MAX_LEVELS = 6;
/** `state` and the name of the section lie above what is counted. */
const MAX_REQUEST_LEVELS = MAX_LEVELS + 2;
const MAX_CLIENT_TOKEN_BYTES = 64;

export interface ShadowRejection {
  readonly ok: false;
  readonly code: number;
  readonly message: string;
  readonly clientToken?: string | undefined;
}

/** A section that is null is taken away whole. */
export interface ShadowUpdate {
  readonly desired?: JsonObject | null;
  readonly reported?: JsonObject | null;
}

interface Asked {
  readonly ok: true;
  readonly clientToken: string | undefined;
}

/** Reads the body of a get or delete, which may be empty. */
export function readShadowQuery(payload: Buffer): Asked | ShadowRejection {
  if (payload.length === 0) return { ok: true, clientToken: undefined };
  const body = readBody(payload);
  return body.ok ? { ok: true, clientToken: body.clientToken } : body;
}

/** Reads the body of an update. */
export function readShadowUpdate(
  payload: Buffer,
): (Asked & { readonly update: ShadowUpdate; readonly version: number | undefined }) | ShadowRejection {
  const body = readBody(payload);
  if (!body.ok) return body;
  const { clientToken, fields } = body;
  const refuse = (message: string) => reject(400, message, clientToken);
  const { state, version } = fields;
  if (version !== undefined && version !== null && !isVersion(version)) return refuse('Invalid version');
  if (state === undefined) return refuse('Missing required node: state');
  if (!isJsonObject(state)) return refuse('State node must be an object');
  const { desired, reported, ...others } = state;
  if (!isSection(desired)) return refuse('Desired node must be an object');
  if (!isSection(reported)) return refuse('Reported node must be an object');
  if ([desired, reported].some((section) => levelsOf(section ?? null) > MAX_LEVELS)) return refuse(TOO_DEEP);
  if (Object.keys(others).length > 0 || holdsNullInArray(state)) return refuse('State contains an invalid node');
  if (Buffer.byteLength(JSON.stringify(state)) > MAX_STATE_BYTES) return tooLarge(clientToken);
  const update = { ...(desired === undefined ? {} : { desired }), ...(reported === undefined ? {} : { reported }) };
  return { ok: true, clientToken, update, version: isVersion(version) ? version : undefined };
}

export function tooLarge(clientToken: string | undefined): ShadowRejection {
  return reject(413, 'The payload exceeds the maximum size allowed', clientToken);
}

export function reject(code: number, message: string, clientToken?: string | undefined): ShadowRejection {
  return { ok: false, code, message, clientToken };
}

const TOO_DEEP = `JSON contains too many levels of nesting; maximum is ${MAX_LEVELS}`;

function readBody(payload: Buffer): (Asked & { readonly fields: JsonObject }) | ShadowRejection {
  const read = readJson(payload);
  if (read === 'not-utf8') return reject(415, 'Unsupported documented encoding; supported encoding is UTF-8');
  if (read === 'not-json' || !isJsonObject(read.value)) return reject(400, 'Invalid JSON');
  const { clientToken } = read.value;
  if (clientToken !== undefined && !isClientToken(clientToken)) return reject(400, 'Invalid clientToken');
  if (levelsOf(read.value) > MAX_REQUEST_LEVELS) return reject(400, TOO_DEEP, clientToken);
  return { ok: true, clientToken, fields: read.value };
}

function isClientToken(token: Json): token is string {
  return typeof token === 'string' && Buffer.byteLength(token) <= MAX_CLIENT_TOKEN_BYTES;
}

function isVersion(version: Json | undefined): version is number {
  return typeof version === 'number' && Number.isInteger(version) && version >= 0;
}

function isSection(section: Json | undefined): section is JsonObject | null | undefined {
  return section === undefined || section === null || isJsonObject(section);
}

function holdsNullInArray(value: Json): boolean {
  if (Array.isArray(value)) return value.some((inner) => inner === null || holdsNullInArray(inner));
  return isJsonObject(value) && Object.values(value).some(holdsNullInArray);
}
