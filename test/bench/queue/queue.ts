import type { Figure } from '../figure.js';
import { benchCrowd } from './crowd.js';
import { benchEnqueue } from './enqueue.js';
import { benchMillion } from './million.js';
import { benchWire } from './wire.js';

/** What the hub's queue can do, beside what its disk can. */
export async function benchQueue(databaseUrl: string | undefined): Promise<Figure[]> {
  const queue = [...(await benchEnqueue()), ...(await benchMillion())];
  return [...queue, ...(await benchWire()), ...(await benchCrowd(databaseUrl))];
}
