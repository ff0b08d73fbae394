import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import type { Disturbance } from './disturbance.js';

/** Of five rounds, two lose their power at a random instant, and three go through the list. */
const CYCLE = 5;
const RANDOM_KILLS = 2;

/** What goes wrong in each round; the same for the same seed. The list comes in an order of its own, again and again. */
export function planRounds(rounds: number, seed: number, scripted: readonly Disturbance[]): Disturbance[] {
  const random = seededRandom(seed);
  let left: Disturbance[] = [];
  return Array.from({ length: rounds }, (_, number) => {
    if (number % CYCLE < RANDOM_KILLS) return { kind: 'kill-at', part: random() };
    if (left.length === 0) left = shuffled(scripted, random);
    return left.pop() ?? { kind: 'none' };
  });
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((one) => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}
