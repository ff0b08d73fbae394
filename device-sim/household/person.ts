import jsqr from 'jsqr';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { callJson } from './http.js';

/** What a person of the household knows by heart. */
export type Account = { email: string; password: string; pat: string };

export type Picture = { rgba: Uint8ClampedArray; width: number; height: number };

/** What a person standing before the panel sees: the picture now, and when it has changed. */
export type View = { look(): Promise<Picture>; changed(signal: AbortSignal): Promise<void> };

const HOUSEHOLD_NAME = 'The household in a box';
const CODE_LIMIT_MS = 90_000;
const BOUND_LIMIT_MS = 60_000;
const POLL_MS = 100;

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
 * @throws SimError `household.no-claim-code` if the glass never shows one.
 */
export async function bindByGlass(
  { cloudUrl, account, view, clock }: { cloudUrl: string; account: Account; view: View; clock: Clock },
  signal: AbortSignal,
): Promise<string> {
  const { email, password } = account;
  const url = `${cloudUrl}/auth/log-in`;
  const { accessToken } = await callJson({ method: 'POST', url, json: { email, password } }, SessionSchema, signal);
  const hubs = async () => {
    const call = { method: 'GET', url: `${cloudUrl}/api/v1/hubs`, token: accessToken } as const;
    return (await callJson(call, HubsSchema, signal)).items;
  };
  const [bound] = await hubs();
  if (bound) return bound.thingName;

  const code = await readClaimCode(view, clock, signal);
  const claims = `${cloudUrl}/api/v1/claims`;
  const claim = await callJson(
    { method: 'POST', url: claims, token: accessToken, json: { code } },
    ClaimSchema,
    signal,
  );
  const confirm = `${claims}/${claim.claimId}/confirm`;
  await callJson({ method: 'POST', url: confirm, token: accessToken, json: {} }, z.unknown(), signal);
  const start = clock.monotonic();
  while (clock.monotonic() - start < BOUND_LIMIT_MS) {
    const [hub] = await hubs();
    if (hub) return hub.thingName;
    await clock.sleep(POLL_MS, signal);
  }
  throw new SimError('household.not-bound', `the hub was not bound in ${BOUND_LIMIT_MS} ms`);
}

async function readClaimCode(view: View, clock: Clock, signal: AbortSignal): Promise<string> {
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  const limit = clock.sleep(CODE_LIMIT_MS, end).then(
    () => over.abort(new SimError('household.no-claim-code', `no claim code on the glass in ${CODE_LIMIT_MS} ms`)),
    () => undefined,
  );
  try {
    for (;;) {
      const changed = view.changed(end);
      const code = codeIn(await view.look());
      if (code !== undefined) {
        void changed.catch(() => undefined);
        return code;
      }
      await changed;
    }
  } finally {
    over.abort();
    await limit;
  }
}

function codeIn({ rgba, width, height }: Picture): string | undefined {
  const read = jsqr.default(rgba, width, height);
  if (!read || !URL.canParse(read.data)) return undefined;
  return new URLSearchParams(new URL(read.data).hash.slice(1)).get('code') ?? undefined;
}
