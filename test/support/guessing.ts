import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { countLiveCodes } from '../../cloud-api/binding/claim-state.js';
import type { Guesser, GuessKind, GuessLimit } from '../../cloud-api/binding/guess-limit.js';
import { CloudError } from '../../cloud-api/errors.js';
import { CLAIM_CODE_ALPHABET } from '../../contract/index.js';
import type { TestCloud } from './cloud.js';
import type { StandingClock } from './cloud-devices.js';

const HOUR_MS = 60 * 60_000;
const LETTERS = 8;

/** Who guesses: the nth try of an attacker with one account, one network, or as many of both as there can be. */
export const ATTACKERS = {
  account: () => {
    const accountId = v7();
    return (nth: number) => ({ accountId, address: `10.${nth >> 8}.${nth & 0xff}.1` });
  },
  network: () => (nth: number) => ({ accountId: v7(), address: `10.0.0.${nth & 0xff}` }),
  world: () => (nth: number) => ({ accountId: v7(), address: `10.${nth >> 8}.${nth & 0xff}.1` }),
} satisfies Record<string, () => (nth: number) => Guesser>;

/** How many wrong codes the limits let through in one hour of the clock, by an attacker who never tires. */
export async function permittedInAnHour(
  limit: GuessLimit,
  clock: StandingClock,
  attacker: (nth: number) => Guesser,
): Promise<number> {
  const endMs = clock.nowMs + HOUR_MS;
  let permitted = 0;
  for (let nth = 0; clock.nowMs < endMs; nth += 1) {
    const { code, details } = await refusalOf(limit, 'code', attacker(nth));
    if (code === 'claim.not-found') permitted += 1;
    // He waits as long as he is told and no longer, and the clock stands while he gets through.
    else clock.nowMs += Number(details.retryAfterS) * 1000;
  }
  return permitted;
}

/** So many codes that are good for two days, all of one hub: more than there may be, as a fleet of many hubs has them. */
export async function plantCodes(cloud: TestCloud, codes: number): Promise<void> {
  const hub = await cloud.provision();
  const [from, to] = [cloud.clock.nowMs, cloud.clock.nowMs + 48 * HOUR_MS].map((ms) => new Date(ms).toISOString());
  await cloud.context.db.inRole('app_system', null, (tx) =>
    tx.execute(sql`insert into claim (id, hub_id, request_id, code_hmac, word, created_at, expires_at)
      select gen_random_uuid(), hub.id, gen_random_uuid(), 'planted ' || hub.id || nth, 'otter', ${from}, ${to}
      from hub, generate_series(1, ${codes}::integer) as nth where thing_name = ${hub.thingName}`),
  );
}

/** Ends all codes there are, and gives how many they were. */
export async function endCodes(cloud: TestCloud): Promise<number> {
  const now = new Date(cloud.clock.nowMs).toISOString();
  return cloud.context.db.inRole('app_system', null, async (tx) => {
    const live = await countLiveCodes(tx, cloud.clock.nowMs);
    await tx.execute(sql`update claim set dead_at = ${now} where dead_at is null`);
    return live;
  });
}

/** Wrong codes of so many accounts in so many networks, tried just now and let through. */
export async function plantTries(cloud: TestCloud, tries: number): Promise<void> {
  const now = new Date(cloud.clock.nowMs).toISOString();
  await cloud.context.db.inRole('app_system', null, (tx) =>
    tx.execute(sql`insert into claim_try (id, at, kind, account_id, address_block)
      select gen_random_uuid(), ${now}, 'code', gen_random_uuid(), 'planted ' || nth
      from generate_series(1, ${tries}::integer) as nth`),
  );
}

/** With so many codes alive, how many of so many guesses hit. */
export function expectedHits(guesses: number, liveCodes: number): number {
  return (guesses * liveCodes) / CLAIM_CODE_ALPHABET.length ** LETTERS;
}

/** The code with which one wrong try was refused. */
export async function outcomeOf(limit: GuessLimit, kind: GuessKind, guesser: Guesser): Promise<string> {
  return (await refusalOf(limit, kind, guesser)).code;
}

async function refusalOf(limit: GuessLimit, kind: GuessKind, guesser: Guesser): Promise<CloudError> {
  const wrong = new CloudError('claim.not-found', 'wrong');
  try {
    await limit.attempt(kind, guesser, async () => ({ wrong }));
  } catch (error) {
    if (error instanceof CloudError) return error;
    throw error;
  }
  throw new TypeError('a wrong code was taken');
}
