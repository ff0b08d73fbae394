import { expect, test } from 'vitest';
import { MessageRoutes } from './message-routes.js';
import { matches } from './topic-filter.js';

const messageOn = (topic: string) => ({ topic, payload: Buffer.from(topic) });

test.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/b/c', 'a/b', false],
  ['a/+/c', 'a/b/c', true],
  ['a/+/c', 'a/b/d', false],
  ['a/+', 'a', false],
  ['+/+', 'a/b', true],
  ['a/#', 'a/b/c', true],
  ['#', 'a/b', true],
  ['a/b', 'A/b', false],
  ['a//c', 'a//c', true],
])('whether %s names %s: %s', (filter, topic, isNamed) => {
  expect(matches(filter, topic)).toBe(isNamed);
});

test('everybody who wants a message gets it, and it is done with when all have done with it', async () => {
  const routes = new MessageRoutes({ holdsUnwanted: false });
  const heard: string[] = [];
  routes.add(['a/+'], ({ topic }) => void heard.push(`first ${topic}`));
  const remove = routes.add(['a/b', 'c'], async ({ topic }) => {
    heard.push(`second ${topic}`);
    throw new TypeError('not taken');
  });
  await expect(routes.dispatch(messageOn('a/b'))).rejects.toThrow('not taken');
  expect(heard).toEqual(['first a/b', 'second a/b']);
  remove();
  await routes.dispatch(messageOn('a/b'));
  await routes.dispatch(messageOn('c'));
  expect(heard.slice(2)).toEqual(['first a/b']);
});

test('what a broker kept for a session waits for whoever wants it', async () => {
  const routes = new MessageRoutes({ holdsUnwanted: true });
  const heard: string[] = [];
  const dispatched = Promise.all(['a', 'b'].map((topic) => routes.dispatch(messageOn(topic))));
  routes.add(['b'], ({ topic }) => void heard.push(topic));
  routes.add(['a'], ({ topic }) => void heard.push(topic));
  await dispatched;
  expect(heard).toEqual(['b', 'a']);
});
