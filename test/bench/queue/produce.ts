import type { Outbox } from '../../../hub/storage/outbox.js';
import { madeEvent } from './payload.js';

/** So many producers, each of which waits for its event before it makes the next, until `rows` are on disk. */
export async function produce(outbox: Outbox, producers: number, rows: number): Promise<void> {
  let next = 0;
  const producer = async () => {
    while (next < rows) {
      next += 1;
      await outbox.enqueue(madeEvent(next));
    }
  };
  await Promise.all(Array.from({ length: producers }, producer));
}
