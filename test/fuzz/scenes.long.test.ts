import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { fuzzScenes } from './scene-fuzz.js';

const ROUNDS = 10;
const SCENES_A_ROUND = 200;
/** What half of the rounds may leave behind that is no leak: caches that fill, pages that the allocator keeps. */
const MOST_GROWTH_MB = 60;

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

test('two thousand scenes of each kind are drawn or refused, and memory stays flat', async () => {
  const residentMb: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await fuzzScenes(SCENES_A_ROUND);
    if (typeof collectGarbage === 'function') collectGarbage();
    residentMb.push(process.memoryUsage.rss() / 1024 ** 2);
  }
  // The first rounds fill the caches.
  const [early = 0] = residentMb.slice(ROUNDS / 2);
  const late = residentMb.at(-1) ?? 0;
  expect(late - early, residentMb.map((mb) => mb.toFixed()).join(' ')).toBeLessThan(MOST_GROWTH_MB);
});
