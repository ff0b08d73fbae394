import { expect, test } from 'vitest';
import { Started } from './started.js';

const part = (name: string, stopped: string[]) => ({
  stop: async () => void stopped.push(name),
});

test('parts are stopped once, the last first', async () => {
  const stopped: string[] = [];
  const started = new Started();
  started.add(part('a', stopped));
  started.add(part('b', stopped));
  await started.stop();
  await started.stop();
  expect(stopped).toEqual(['b', 'a']);
});

test('a part that does not stop keeps no other from stopping, and is an error', async () => {
  const stopped: string[] = [];
  const started = new Started();
  started.add(part('a', stopped));
  started.add({ stop: () => Promise.reject('stuck') });
  started.add(part('c', stopped));
  await expect(started.stop()).rejects.toBe('stuck');
  expect(stopped).toEqual(['c', 'a']);
});

// A box whose glass page found its port taken said nothing and never left: the broker was still up.
test('what a failed start has started is stopped before its error is told', async () => {
  const stopped: string[] = [];
  const started = new Started();
  const work = async () => {
    started.add(part('a', stopped));
    throw new RangeError('the second part');
  };
  await expect(started.orNothing(work)).rejects.toThrow('the second part');
  expect(stopped).toEqual(['a']);
});
