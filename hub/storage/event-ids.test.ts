import { expect, test } from 'vitest';
import { IdSchema } from '../../contract/index.js';
import { EventIds } from './event-ids.js';

const WALL_MS = Date.UTC(2026, 0, 1);

test('ids of a run differ by their time or by the seal of the event', () => {
  const ids = new EventIds('01890000-0000-7abc-8def-0123fffffffe');
  expect([ids.of(WALL_MS, 1), ids.of(WALL_MS, 0xffff_ffff), ids.of(WALL_MS + 1, 0)]).toEqual([
    '019b76da-a800-7abc-8def-012300000001',
    '019b76da-a800-7abc-8def-0123ffffffff',
    '019b76da-a801-7abc-8def-012300000000',
  ]);
});

test('an id is a UUID of version 7 also where the clock was never set', () => {
  const id = new EventIds('01890000-0000-7abc-8def-012300000000').of(0, 0);
  expect(IdSchema.parse(id)).toBe('00000000-0000-7abc-8def-012300000000');
});

const SEED = '01890000-0000-7abc-8def-000000000001';

test.each([0, 1_800_000_000_000, -1, -1_790_000_000_000, 2 ** 48 - 1, 2 ** 48, 8.64e15])(
  'an event of a clock at %d has an id that the cloud can read',
  (wallMs) => {
    const id = new EventIds(SEED).of(wallMs, 0xfeed);
    expect(IdSchema.safeParse(id).success).toBe(true);
    expect(id.endsWith('0000feed')).toBe(true);
  },
);
