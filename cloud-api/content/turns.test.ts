import { expect, test } from 'vitest';
import { Turns } from './turns.js';

test('no more than so many are inside at once, each has its turn, and one that fails gives its place on', async () => {
  const turns = new Turns(2);
  let inside = 0;
  let most = 0;
  const done: number[] = [];
  const work = (name: number) =>
    turns.run(async () => {
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
      if (name === 1) throw new TypeError('it failed');
      done.push(name);
    });
  await Promise.allSettled([0, 1, 2, 3, 4].map(work));
  await work(5);
  expect(most).toBe(2);
  expect(done).toEqual([0, 2, 3, 4, 5]);
});
