import { expect, test } from 'vitest';
import type { Told } from './queue/history-writer.js';
import { lived } from './queue/tiny-histories.js';
import { applied, receive, set } from './queue/tiny-steps.js';
import { judgeQueue } from './queue-round-judge.js';

const CARD_LIFE = { longestWayMs: 0 } as const;
const NOTHING = { events: [], dead: [], gaps: [], streams: [] };

/** What is broken after a history of which all up to `atMs` may have been on the page that was spoilt. */
function broken(steps: readonly Told[], cloud: Partial<Parameters<typeof judgeQueue>[1]>, spoiltAfter: number) {
  const history = lived(steps);
  const spoilt = history[spoiltAfter - 1];
  const damage = spoilt === undefined ? undefined : { card: spoilt.proc, atMs: spoilt.at };
  const state = { ...NOTHING, registers: [], ...cloud };
  return judgeQueue(history, state, { ...CARD_LIFE, damage }).broken.map(({ id }) => id);
}

test('a register that a page may have held is excused, and one that was set afterwards is not', () => {
  const steps = [set(1, 'a'), applied(1), set(2, 'b')];
  const registers = [{ hub: 'h', key: 'k', epoch: 'e1', ver: 1, hash: 'a' }];
  expect(broken(steps, { registers }, 0)).toContain('I10');
  expect(broken(steps, { registers }, 3)).toEqual([]);
  expect(broken(steps, { registers }, 2)).toContain('I10');
});

test('a command without an end is excused if it was received before a page was spoilt', () => {
  const steps = [set(1, 'a'), receive('c', 1)];
  const cloud = {
    registers: [{ hub: 'h', key: 'k', epoch: 'e1', ver: 1, hash: 'a' }],
    commands: [{ hub: 'h', cmd: 'c', state: 'RECEIVED' }],
  };
  expect(broken(steps, cloud, 0)).toEqual(['I13']);
  expect(broken(steps, cloud, 2)).toEqual([]);
  expect(broken(steps, cloud, 1)).toEqual(['I13']);
});
