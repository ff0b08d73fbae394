import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { type Home, readIfThere, writePrivate } from './home.js';
import { type Account, bindByGlass, signUp, type View } from './person.js';
import { stranger } from './stranger.js';

const AccountSchema = z.object({ email: z.string(), password: z.string(), pat: z.string() });

/** Where everything is and who lives there: what `household.json` holds. */
export type Address = Account & {
  cloudUrl: string;
  hubUrl: string;
  glassUrl: string;
  thingName: string;
  displays: { id: string; panel: string }[];
};

const DISPLAY_LIMIT_MS = 30_000;
const POLL_MS = 50;

/** The person moves in: has an account, binds the hub, and writes down where everything is. */
export async function settleIn(
  {
    home,
    urls,
    view,
    panel,
    clock,
  }: {
    home: Home;
    urls: Pick<Address, 'cloudUrl' | 'hubUrl' | 'glassUrl'>;
    view: View;
    panel: string;
    clock: Clock;
  },
  signal: AbortSignal,
): Promise<Address> {
  const { cloudUrl } = urls;
  const account = await accountOf(home, cloudUrl, signal);
  const thingName = await bindByGlass({ cloudUrl, account, view, clock }, signal);
  const displays = await boundDisplays({ cloudUrl, pat: account.pat, thingName, clock }, signal);
  const address = { ...urls, ...account, thingName, displays: displays.map(({ id }) => ({ id, panel })) };
  await writePrivate(addressFile(home), `${JSON.stringify(address, null, 2)}\n`);
  return address;
}

/** Takes down what an earlier life of the household wrote: addresses that nobody answers at. */
export async function withdrawAddress(home: Home): Promise<void> {
  await rm(addressFile(home), { force: true });
}

function addressFile({ dir }: Home): string {
  return path.join(dir, 'household.json');
}

/** The person's account, made on first use; kept apart from `household.json`, which is there only when it is true. */
async function accountOf(home: Home, cloudUrl: string, signal: AbortSignal): Promise<Account> {
  const file = home.path('secrets', 'account.json');
  const kept = await readIfThere(file);
  if (kept !== undefined) return AccountSchema.parse(JSON.parse(kept));
  const email = `person-${randomBytes(6).toString('hex')}@household.example`;
  const account = await signUp(cloudUrl, email, randomBytes(18).toString('base64url'), signal);
  await writePrivate(file, JSON.stringify(account));
  return account;
}

async function boundDisplays(
  { cloudUrl, pat, thingName, clock }: { cloudUrl: string; pat: string; thingName: string; clock: Clock },
  signal: AbortSignal,
): Promise<{ id: string }[]> {
  const api = stranger(cloudUrl, pat, clock);
  const start = clock.monotonic();
  while (clock.monotonic() - start < DISPLAY_LIMIT_MS) {
    const displays = (await api.displays(signal)).filter((display) => display.thingName === thingName);
    if (displays.length > 0) return displays;
    await clock.sleep(POLL_MS, signal);
  }
  throw new SimError('household.not-bound', `${thingName} reported no display in ${DISPLAY_LIMIT_MS} ms`);
}
