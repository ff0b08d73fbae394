import { expect, test } from 'vitest';
import { StandingClock } from '../../test/support/cloud-devices.js';
import { Turnstile } from './turnstile.js';

const NOBODY = new AbortController().signal;
const BUSY = { code: 'processing_unavailable', details: { retryMs: 5000 } };

function setUp() {
  const clock = new StandingClock();
  const turnstile = new Turnstile(clock, { mostWeight: 10, mostWaiting: 2, waitMs: 1000 });
  const inside: string[] = [];
  const enter = async (name: string, weight: number, signal = NOBODY) => {
    const leave = await turnstile.enter(weight, signal);
    inside.push(name);
    return leave;
  };
  return { clock, turnstile, inside, enter };
}

test('as many are let in as there is room for, in the order in which they came', async () => {
  const { inside, enter, turnstile } = setUp();
  const leave = await enter('first', 6);
  const second = enter('second', 5);
  const third = enter('third', 1);
  expect([turnstile.waiting, inside]).toEqual([2, ['first']]);
  leave();
  leave();
  (await second)();
  await third;
  expect(inside).toEqual(['first', 'second', 'third']);
});

test('one that is heavier than all the room comes in alone', async () => {
  const { inside, enter } = setUp();
  const leave = await enter('heavy', 99);
  const next = enter('next', 1);
  expect(inside).toEqual(['heavy']);
  leave();
  await next;
});

test('who finds too long a queue, or has waited for too long, is told when to come again', async () => {
  const { clock, enter, turnstile } = setUp();
  await enter('first', 10);
  const waiting = ['second', 'third'].map((name) => expect(enter(name, 1)).rejects.toMatchObject(BUSY));
  await expect(enter('fourth', 1)).rejects.toMatchObject(BUSY);
  clock.pass(1000);
  await Promise.all(waiting);
  expect(turnstile.waiting).toBe(0);
});

test('who goes away while it waits keeps nobody behind it', async () => {
  const { enter, inside } = setUp();
  await enter('first', 5);
  const gone = new AbortController();
  const heavy = expect(enter('heavy', 9, gone.signal)).rejects.toThrow('gone');
  const light = enter('light', 5);
  gone.abort(new RangeError('gone'));
  await Promise.all([heavy, light]);
  expect(inside).toEqual(['first', 'light']);
});
