import type { ExchangeFault } from '../../device-sim/household/retrying-proxy.js';

/** What may go wrong in a round of the whole system. */
export const QUEUE_FAULTS = [
  'kill-hub',
  'kill-cloud',
  'broker-restart',
  'database-crash',
  'failover',
  'clock-jump',
  'link-cut',
  'link-half-open',
  'link-slow',
  'link-late',
  'link-lossy',
  'exchanges',
  'cloned-card',
  'card-lost',
  'page-corrupted',
  'little-room',
  'card-full',
  'card-failing',
  'kill-embedded',
] as const;

export type QueueFault = (typeof QUEUE_FAULTS)[number];

/** What is tried once a round at most, since it takes a while or leaves too little to be judged. */
const RARE: readonly QueueFault[] = [
  'kill-cloud',
  'database-crash',
  'failover',
  'cloned-card',
  'card-lost',
  'page-corrupted',
  'card-full',
  'card-failing',
  'kill-embedded',
];
/** What is so from the beginning of a round, or needs a site of its own. */
const FROM_THE_BEGINNING: readonly QueueFault[] = ['little-room'];
const MOST_FAULTS = 3;

/** Takes as long as three other rounds. */
export const LONG_FAULT = 'kill-embedded' satisfies QueueFault;

/**
 * Six rounds in which most goes wrong once. Cards that fill up or rot and clocks that jump are tried by suites of their own
 * and in the long run. A commit that a card failed may be on it all the same, and its drops are not told of: so lanes have
 * room where a card fails.
 */
export const SHORT_PLAN: readonly (readonly QueueFault[])[] = [
  ['little-room', 'link-late', 'kill-cloud', 'link-cut'],
  ['link-slow', 'failover'],
  ['cloned-card', 'link-half-open'],
  ['card-lost', 'broker-restart'],
  ['kill-hub', 'exchanges'],
  ['card-failing', 'link-lossy', 'database-crash'],
];

export const EXCHANGE_FAULTS = [
  'twice',
  'again-later',
  'late',
  'reply-lost',
  'reply-of-before',
] as const satisfies readonly ExchangeFault[];

/** What goes wrong in a round, and the chance by which it does. */
export type PlannedRound = {
  readonly number: number;
  readonly faults: readonly QueueFault[];
  readonly random: () => number;
};

/** What goes wrong in the round of a number. */
export type QueuePlan = (number: number, random: () => number) => readonly QueueFault[];

/** One to three faults for a round; the first goes through the list, so that each comes round. */
export function planQueueFaults(number: number, random: () => number): QueueFault[] {
  const first = QUEUE_FAULTS[number % QUEUE_FAULTS.length] ?? 'kill-hub';
  const others = QUEUE_FAULTS.filter((fault) => ![...RARE, ...FROM_THE_BEGINNING].includes(fault));
  const more = Array.from({ length: Math.floor(random() * MOST_FAULTS) }, () => oneOf(others, random));
  return [...more, first]
    .map((fault) => ({ fault, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}

/** One of a list. */
export function oneOf<T>(list: readonly [T, ...T[]] | readonly T[], random: () => number): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new RangeError('nothing to choose from');
  return found;
}
