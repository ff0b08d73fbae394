import { GuessLimit } from '../../cloud-api/binding/guess-limit.js';
import { TestCloud } from '../support/cloud.js';
import { testEngines } from '../support/cloud-databases.js';
import { ATTACKERS, endCodes, expectedHits, permittedInAnHour, plantCodes } from '../support/guessing.js';
import type { Figure } from './figure.js';

const LIVE_CODES = [1000, 100_000];
const AIM = 1e-4;
const DAY_MS = 24 * 60 * 60_000;

/** What guessing claim codes is worth: the real limits, driven for an hour of their clock by attackers who never tire. */
export async function benchGuessing(): Promise<Figure[]> {
  const [engine] = testEngines();
  if (engine === undefined) return [];
  const cloud = await TestCloud.start(engine);
  try {
    const figures: Figure[] = [];
    for (const codes of LIVE_CODES) {
      for (const [attacker, guesser] of Object.entries(ATTACKERS)) {
        cloud.clock.nowMs += DAY_MS;
        await plantCodes(cloud, codes);
        const guesses = await permittedInAnHour(new GuessLimit(cloud.context), cloud.clock, guesser());
        const liveCodes = await endCodes(cloud);
        const what = `guesses let through in an hour, one ${attacker}, ${codes} codes alive`;
        figures.push({ what, guesses, liveCodes, expectedHits: expectedHits(guesses, liveCodes), aim: AIM });
      }
    }
    return figures;
  } finally {
    await cloud.close();
  }
}
