import jsqr from 'jsqr';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { callJson, callOnly } from './http.js';

/** What a person of the household knows by heart. */
export type Account = { email: string; password: string; pat: string };

export type Picture = { rgba: Uint8ClampedArray; width: number; height: number };

/** What a person standing before the panel sees: the picture now, and when it has changed. */
export type View = { look(): Promise<Picture>; changed(signal: AbortSignal): Promise<void> };

const HOUSEHOLD_NAME = 'The household in a box';
const CODE_LIMIT_MS = 90_000;
const BOUND_LIMIT_MS = 60_000;
const POLL_MS = 100;
/** Who tries sooner than this after a wrong code is told to slow down. Source: RFC 8628 section 3.5. */
const INTERVAL_MS = 5_000;

const SessionSchema = z.object({ accessToken: z.string() });
const TokenSchema = z.object({ token: z.string() });
const ClaimSchema = z.object({ claimId: z.string() });
const HubsSchema = z.object({ items: z.array(z.object({ thingName: z.string() })) });

/** Signs up and makes a personal access token, as a person would in the portal. */
export async function signUp(cloudUrl: string, email: string, password: string, signal: AbortSignal): Promise<Account> {
  const json = { email, password, householdName: HOUSEHOLD_NAME };
  const session = await callJson({ method: 'POST', url: `${cloudUrl}/auth/sign-up`, json }, SessionSchema, signal);
  const { token } = await callJson(
    {
      method: 'POST',
      url: `${cloudUrl}/api/v1/tokens`,
      token: session.accessToken,
      json: { name: 'household in a box' },
    },
    TokenSchema,
    signal,
  );
  return { email, password, pat: token };
}

/**
 * Binds the hub unless it is bound: reads the claim code from the QR code on the glass and gives it to the portal.
 * @throws SimError `household.unknown-person`, `household.no-claim-code`, `household.not-bound`, `household.refused`.
 */
export async function bindByGlass(
  { cloudUrl, account, view, clock }: { cloudUrl: string; account: Account; view: View; clock: Clock },
  signal: AbortSignal,
): Promise<string> {
  const token = await logIn(cloudUrl, account, signal);
  const hubs = async () =>
    (await callJson({ method: 'GET', url: `${cloudUrl}/api/v1/hubs`, token }, HubsSchema, signal)).items;
  const [bound] = await hubs();
  if (bound) return bound.thingName;

  const claims = `${cloudUrl}/api/v1/claims`;
  const { claimId } = await offerCode(
    {
      view,
      clock,
      offer: (code) => callJson({ method: 'POST', url: claims, token, json: { code } }, ClaimSchema, signal),
    },
    signal,
  );
  await callOnly({ method: 'POST', url: `${claims}/${claimId}/confirm`, token, json: {} }, signal);
  const start = clock.monotonic();
  while (clock.monotonic() - start < BOUND_LIMIT_MS) {
    const [hub] = await hubs();
    if (hub) return hub.thingName;
    await clock.sleep(POLL_MS, signal);
  }
  throw new SimError('household.not-bound', `the hub was not bound in ${BOUND_LIMIT_MS} ms`);
}

async function logIn(cloudUrl: string, { email, password }: Account, signal: AbortSignal): Promise<string> {
  const call = { method: 'POST', url: `${cloudUrl}/auth/log-in`, json: { email, password } } as const;
  try {
    return (await callJson(call, SessionSchema, signal)).accessToken;
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    const why = 'its database is not the one of this household; begin again with --fresh';
    throw new SimError('household.unknown-person', `the cloud does not know ${email}: ${why}`, { cause });
  }
}

/**
 * Offers the code on the glass to the cloud. A code that it does not take may be from before the hub was last switched
 * off: e-ink keeps it until the hub has a new one.
 */
async function offerCode<T>(
  { view, clock, offer }: { view: View; clock: Clock; offer: (code: string) => Promise<T> },
  signal: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  const refused = new Map<string, unknown>();
  const limit = clock.sleep(CODE_LIMIT_MS, end).then(
    () => {
      const cause = [...refused.values()].at(-1);
      over.abort(
        new SimError('household.no-claim-code', `no good claim code on the glass in ${CODE_LIMIT_MS} ms`, { cause }),
      );
    },
    () => undefined,
  );
  try {
    for (;;) {
      const changed = view.changed(end).catch(() => {
        throw end.reason;
      });
      // It may be given up on before anybody waits for it.
      changed.catch(() => undefined);
      const code = codeIn(await view.look());
      if (code !== undefined && !refused.has(code)) {
        try {
          return await offer(code);
        } catch (cause) {
          if (!isRefusal(cause)) throw cause;
          refused.set(code, cause);
          await clock.sleep(INTERVAL_MS, end);
        }
      }
      await changed;
    }
  } finally {
    over.abort();
    await limit;
  }
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof SimError && cause.code === 'household.refused';
}

function codeIn({ rgba, width, height }: Picture): string | undefined {
  const read = jsqr.default(rgba, width, height);
  if (!read || !URL.canParse(read.data)) return undefined;
  return new URLSearchParams(new URL(read.data).hash.slice(1)).get('code') ?? undefined;
}
