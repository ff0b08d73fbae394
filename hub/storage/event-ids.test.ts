import { expect, test } from 'vitest';
import { IdSchema } from '../../contract/index.js';
import { EventIds } from './event-ids.js';

const WALL_MS = Date.UTC(2026, 0, 1);

test('ids of a run differ by their time or by a number that counts on', () => {
  const ids = new EventIds('01890000-0000-7abc-8def-0123fffffffe');
  const made = [ids.next(WALL_MS), ids.next(WALL_MS), ids.next(WALL_MS + 1)];
  expect(made).toEqual([
    { id: '019b76da-a800-7abc-8def-0123ffffffff', number: 0xffffffff },
    { id: '019b76da-a800-7abc-8def-012300000000', number: 0 },
    { id: '019b76da-a801-7abc-8def-012300000001', number: 1 },
  ]);
});

test('an id is a UUID of version 7 also where the clock was never set', () => {
  const { id } = new EventIds('01890000-0000-7abc-8def-012300000000').next(0);
  expect(IdSchema.parse(id)).toBe('00000000-0000-7abc-8def-012300000001');
});
