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
] as const;

export type QueueFault = (typeof QUEUE_FAULTS)[number];

/** What is tried once a round at most, since it takes a while or leaves too little to be judged. */
const RARE: readonly QueueFault[] = ['kill-cloud', 'database-crash', 'failover', 'cloned-card', 'card-lost'];
const MOST_FAULTS = 3;

export const EXCHANGE_FAULTS = [
  'twice',
  'again-later',
  'late',
  'reply-lost',
  'reply-of-before',
] as const satisfies readonly ExchangeFault[];

/** One to three faults for a round; the first goes through the list, so that each comes round. */
export function planQueueFaults(number: number, random: () => number): QueueFault[] {
  const first = QUEUE_FAULTS[number % QUEUE_FAULTS.length] ?? 'kill-hub';
  const others = QUEUE_FAULTS.filter((fault) => !RARE.includes(fault));
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
