import { v7 } from 'uuid';
import type { Guesser, GuessKind, GuessLimit } from '../../cloud-api/binding/guess-limit.js';
import { CloudError } from '../../cloud-api/errors.js';
import { CLAIM_CODE_ALPHABET } from '../../contract/index.js';
import type { StandingClock } from './cloud-devices.js';

const HOUR_MS = 60 * 60_000;
/** How long an attacker who was refused waits before the next try. */
const STEP_MS = 20_000;
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
    const code = await outcomeOf(limit, 'code', attacker(nth));
    if (code === 'claim.not-found') permitted += 1;
    // The first refusal does not stop him, and the clock stands only while he gets through.
    else clock.nowMs += STEP_MS;
  }
  return permitted;
}

/** With so many codes alive, how many of so many guesses hit. */
export function expectedHits(guesses: number, liveCodes: number): number {
  return (guesses * liveCodes) / CLAIM_CODE_ALPHABET.length ** LETTERS;
}

/** What became of one wrong try. */
export async function outcomeOf(limit: GuessLimit, kind: GuessKind, guesser: Guesser): Promise<string> {
  const wrong = new CloudError('claim.not-found', 'wrong');
  return limit
    .attempt(kind, guesser, async () => ({ wrong }))
    .then(
      () => 'found',
      (error: unknown) => (error instanceof CloudError ? error.code : String(error)),
    );
}
