import { HubError } from '../errors.js';

/** Gives the token with which this hub proves itself; `renew` after the cloud refused the last one, and told its time. */
export type TokenSource = (renew: boolean, cloudMs?: number) => Promise<string>;

export type CloudHttpOptions = {
  /** Without a slash at the end. */
  baseUrl: string;
  token: TokenSource;
  fetch: typeof fetch;
};

const UNAUTHORISED = 401;

/** One request to the cloud API with the device token; a token that is refused is renewed once. Rejects as `fetch` does. */
export async function askCloud(
  { baseUrl, token, fetch: send }: CloudHttpOptions,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const attempt = async (renew: boolean, cloudMs?: number) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${await token(renew, cloudMs)}`);
    return send(`${baseUrl}${path}`, { ...init, headers });
  };
  const response = await attempt(false);
  if (response.status !== UNAUTHORISED) return response;
  await response.body?.cancel();
  return attempt(true, timeOf(response));
}

/** When an answer was made, by the clock of whoever made it. Source: RFC 9110 section 6.6.1. */
function timeOf({ headers }: Response): number | undefined {
  const ms = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** The body as bytes, never more than the limit. @throws HubError `asset.too-large` */
export async function readLimited(response: Response, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let totalBytes = 0;
  if (response.body === null) return new Uint8Array();
  for await (const part of response.body) {
    totalBytes += part.byteLength;
    if (totalBytes > limitBytes) throw new HubError('asset.too-large', `more than ${limitBytes} bytes came`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
