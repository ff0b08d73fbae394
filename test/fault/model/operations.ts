import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import type { Lane } from '../../../contract/index.js';

/** One thing that happens in a schedule. Who and what is chosen by numbers from 0 to 1, so that any part of a schedule is one too. */
export type Operation =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'enqueue'; readonly card: number; readonly lane: Lane; readonly poison: boolean }
  | { readonly do: 'set'; readonly card: number; readonly key: string }
  | { readonly do: 'ask' | 'sync' | 'kill' | 'power' | 'checkpoint' | 'clone' | 'tear' | 'expire' | 'fill'; readonly card: number }
  | { readonly do: 'deliver'; readonly pick: number; readonly fate: 'once' | 'twice' | 'lost' }
  | { readonly do: 'lose'; readonly card: number; readonly readable: number }
  | { readonly do: 'tear cloud' | 'back up' | 'restore' | 'sweep' }
  | {
      readonly do: 'create';
      readonly card: number;
      readonly slot: string;
      readonly atMostOnce: boolean;
      readonly spanMs: number | null;
    }
  | { readonly do: 'push'; readonly card: number; readonly pick: number }
  | { readonly do: 'work'; readonly card: number; readonly steps: number }
  | { readonly do: 'jump'; readonly card: number; readonly byMs: number };

type Random = () => number;

const DAY_MS = 24 * 60 * 60 * 1000;
const JUMPS_MS = [-50 * 365 * DAY_MS, DAY_MS, -DAY_MS, 4000, -4000, 3_600_000];
const SHORTEST = 30;
const LONGEST = 130;

/**
 * No protocol names what is lost when a restored cloud lacks what one copy of a card was acknowledged, and has given the
 * same numbers to another copy: a schedule has the one or the other.
 */
const NOT_WITH_RESTORES = 'copies';
const NOT_WITH_COPIES = 'restores';

/** How often each comes, against the others; and of what kind. */
const KINDS: readonly { readonly weight: number; readonly apart?: string; readonly make: (random: Random) => Operation }[] = [
  { weight: 14, make: (random) => ({ do: 'wait', ms: Math.floor(random() ** 6 * 300_000) }) },
  { weight: 30, make: (random) => ({ do: 'enqueue', card: random(), lane: laneBy(random()), poison: random() < 0.05 }) },
  { weight: 7, make: (random) => ({ do: 'set', card: random(), key: random() < 0.7 ? 'state' : 'health' }) },
  { weight: 16, make: (random) => ({ do: 'ask', card: random() }) },
  { weight: 12, make: (random) => ({ do: 'sync', card: random() }) },
  { weight: 34, make: (random) => ({ do: 'deliver', pick: random(), fate: fateBy(random()) }) },
  { weight: 3, make: (random) => ({ do: 'kill', card: random() }) },
  { weight: 2, make: (random) => ({ do: 'power', card: random() }) },
  { weight: 3, make: (random) => ({ do: 'checkpoint', card: random() }) },
  { weight: 1, apart: NOT_WITH_RESTORES, make: (random) => ({ do: 'clone', card: random() }) },
  { weight: 1.5, make: (random) => ({ do: 'lose', card: random(), readable: random() < 0.4 ? 0 : random() }) },
  { weight: 1.5, make: (random) => ({ do: 'tear', card: random() }) },
  { weight: 1.5, make: () => ({ do: 'tear cloud' }) },
  { weight: 2.5, make: () => ({ do: 'back up' }) },
  { weight: 2.5, apart: NOT_WITH_COPIES, make: () => ({ do: 'restore' }) },
  { weight: 2, make: () => ({ do: 'sweep' }) },
  {
    weight: 7,
    make: (random) => ({
      do: 'create',
      card: random(),
      slot: random() < 0.6 ? 'frame' : 'box',
      atMostOnce: random() < 0.4,
      spanMs: random() < 0.5 ? Math.floor(random() * 200_000) : null,
    }),
  },
  { weight: 5, make: (random) => ({ do: 'push', card: random(), pick: random() }) },
  { weight: 12, make: (random) => ({ do: 'work', card: random(), steps: 1 + Math.floor(random() * 4) }) },
  { weight: 2, make: (random) => ({ do: 'jump', card: random(), byMs: JUMPS_MS[Math.floor(random() * JUMPS_MS.length)] ?? 0 }) },
  { weight: 2, make: (random) => ({ do: 'expire', card: random() }) },
  { weight: 1, make: (random) => ({ do: 'fill', card: random() }) },
];

/** A schedule by chance, the same for the same seed. Some kinds are left out of it, so that the others meet more often. */
export function scheduleOf(seed: number): Operation[] {
  const random = seededRandom(seed);
  const without = random() < 0.5 ? NOT_WITH_RESTORES : NOT_WITH_COPIES;
  const weights = KINDS.map(({ weight, apart }) =>
    apart === without || random() < 0.25 ? 0 : weight * (0.5 + 1.5 * random()),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const length = SHORTEST + Math.floor(random() * (LONGEST - SHORTEST));
  return Array.from({ length }, () => {
    let rest = random() * sum;
    const kind = KINDS.find((_, index) => (rest -= weights[index] ?? 0) < 0);
    return (kind ?? { make: () => ({ do: 'sweep' as const }) }).make(random);
  });
}

function laneBy(chance: number): Lane {
  if (chance < 0.25) return 0;
  if (chance < 0.55) return 1;
  return chance < 0.85 ? 2 : 3;
}

function fateBy(chance: number): 'once' | 'twice' | 'lost' {
  if (chance < 0.65) return 'once';
  return chance < 0.82 ? 'twice' : 'lost';
}
