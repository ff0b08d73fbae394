import { GuessLimit } from '../../cloud-api/binding/guess-limit.js';
import { TestCloud } from '../support/cloud.js';
import { testEngines } from '../support/cloud-databases.js';
import { ATTACKERS, expectedHits, permittedInAnHour } from '../support/guessing.js';
import type { Figure } from './figure.js';

const LIVE_CODES = 1000;
const AIM = 1e-4;
const DAY_MS = 24 * 60 * 60_000;

/** What guessing claim codes is worth: the real limits, driven for an hour of their clock by attackers who never tire. */
export async function benchGuessing(): Promise<Figure[]> {
  const [engine] = testEngines();
  if (engine === undefined) return [];
  const cloud = await TestCloud.start(engine);
  try {
    const figures: Figure[] = [];
    for (const [attacker, guesser] of Object.entries(ATTACKERS)) {
      cloud.clock.nowMs += DAY_MS;
      const guesses = await permittedInAnHour(new GuessLimit(cloud.context), cloud.clock, guesser());
      const what = `guesses let through in an hour, one ${attacker}`;
      figures.push({ what, guesses, liveCodes: LIVE_CODES, expectedHits: expectedHits(guesses, LIVE_CODES), aim: AIM });
    }
    return figures;
  } finally {
    await cloud.close();
  }
}
