import { v7 } from 'uuid';
import type { Guesser, GuessKind, GuessLimit } from '../../cloud-api/binding/guess-limit.js';
import { CloudError } from '../../cloud-api/errors.js';
import { CLAIM_CODE_ALPHABET } from '../../contract/index.js';
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
