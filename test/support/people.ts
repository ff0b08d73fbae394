import { randomUUID } from 'node:crypto';
import jsqr from 'jsqr';
import { z } from 'zod';
import type { Household } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { HubStatusSchema } from '../../hub/api/status.js';

const POLL_MS = 100;

const SessionSchema = z.object({ accessToken: z.string(), household: z.object({ id: z.string() }) });
const HubsSchema = z.object({ items: z.array(z.object({ id: z.string() })) });

/** A person with an account, who asks the cloud over its real routes. */
export class CloudPerson {
  readonly householdId: string;
  readonly #cloudUrl: string;
  readonly #token: string;

  private constructor(cloudUrl: string, session: z.infer<typeof SessionSchema>) {
    this.#cloudUrl = cloudUrl;
    this.#token = session.accessToken;
    this.householdId = session.household.id;
  }

  static async logIn(cloudUrl: string, account: { email: string; password: string }): Promise<CloudPerson> {
    const { email, password } = account;
    return new CloudPerson(
      cloudUrl,
      SessionSchema.parse((await send(cloudUrl, '/auth/log-in', { email, password })).body),
    );
  }

  static async signUp(cloudUrl: string, householdName: string): Promise<CloudPerson> {
    const account = { email: `${randomUUID()}@example.org`, password: 'correct horse battery', householdName };
    return new CloudPerson(cloudUrl, SessionSchema.parse((await send(cloudUrl, '/auth/sign-up', account)).body));
  }

  call(method: 'GET' | 'POST' | 'DELETE', path: string, json?: object): Promise<{ status: number; body: unknown }> {
    return send(this.#cloudUrl, path, json, { method, authorization: `Bearer ${this.#token}` });
  }

  async hubs(): Promise<string[]> {
    return HubsSchema.parse((await this.call('GET', '/api/v1/hubs')).body).items.map(({ id }) => id);
  }

  /** Types the code on the glass and confirms. */
  async claim(code: string): Promise<void> {
    const found = await this.call('POST', '/api/v1/claims', { code });
    const { claimId } = z.object({ claimId: z.string() }).parse(found.body);
    const bound = await this.call('POST', `/api/v1/claims/${claimId}/confirm`);
    if (bound.status !== 200) throw new TypeError(`not bound: ${JSON.stringify(bound.body)}`);
  }
}

/** Asks again until the answer is the one that is waited for. */
export async function until<T>(signal: AbortSignal, read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await systemClock.sleep(POLL_MS, signal);
  }
}

/** The claim code in the QR code on the glass: the cloud's behind #, the hub's own in the query; not one of `seen`. */
export async function codeOnGlass(
  { world }: Household,
  signal: AbortSignal,
  { madeBy, seen = [] }: { madeBy: 'cloud' | 'hub'; seen?: readonly string[] },
): Promise<string> {
  const read = async () => {
    const { rgba, width, height } = await world.wall.look();
    const text = jsqr.default(rgba, width, height)?.data ?? '';
    if (!URL.canParse(text)) return '';
    const { hash, searchParams } = new URL(text);
    return (madeBy === 'cloud' ? new URLSearchParams(hash.slice(1)) : searchParams).get('code') ?? '';
  };
  return until(signal, read, (code) => code !== '' && !seen.includes(code));
}

/** Whose the hub takes itself to be. */
export async function householdOfHub({ address }: Household): Promise<string | undefined> {
  const status = HubStatusSchema.parse(await (await fetch(`${address.hubUrl}/api/status`)).json());
  return status.household?.householdName;
}

async function send(
  base: string,
  path: string,
  json: object | undefined,
  { method = 'POST', authorization = '' }: { method?: string; authorization?: string } = {},
): Promise<{ status: number; body: unknown }> {
  const reply = await fetch(`${base}${path}`, {
    method,
    headers: { authorization, ...(json !== undefined && { 'content-type': 'application/json' }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text === '' ? undefined : JSON.parse(text) };
}
