import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';
import { Registers } from './registers.js';

test('only the latest value of a key is sent, with how many were not', ({ store: { registers } }) => {
  for (const n of [1, 2, 3]) registers.set('health', { n });
  expect(registers.dirty(10)).toMatchObject([{ key: 'health', ver: 3, sup: 2, body: { n: 3 } }]);
  expect(registers.superseded()).toBe(2);
});

test('a value is clean once the cloud has it, and an older acknowledgement leaves it to be sent', ({ store }) => {
  const { database, registers } = store;
  registers.set('health', 'a');
  registers.set('health', 'b');
  registers.set('health', 'c');
  database.write(() => registers.acknowledge([['health', 2]]));
  expect(registers.dirty(10)).toMatchObject([{ ver: 3, sup: 0, body: 'c' }]);
  database.write(() => registers.acknowledge([['health', 3]]));
  expect(registers.dirty(10)).toEqual([]);
  expect(registers.superseded()).toBe(1);
  database.write(() =>
    registers.acknowledge([
      ['health', 2],
      ['health', 9],
      ['nobody', 1],
    ]),
  );
  registers.set('health', 'd');
  expect(registers.dirty(10)).toMatchObject([{ ver: 4, sup: 0 }]);
});

test('values are there after a restart, and versions go on', async ({ site }) => {
  (await site.open()).registers.set('state', { on: true });
  const { registers, boot } = await site.open();
  expect(registers.dirty(10)).toMatchObject([{ key: 'state', ver: 1, body: { on: true } }]);
  registers.set('state', { on: false });
  expect(registers.dirty(10)).toMatchObject([{ ver: 2, boot: boot.id }]);
});

test('every value is sent again to a cloud that may have lost it, under its version', ({ store }) => {
  const { database, registers } = store;
  registers.set('a', 1);
  registers.set('b', 2);
  database.write(() =>
    registers.acknowledge([
      ['a', 1],
      ['b', 1],
    ]),
  );
  registers.markAllDirty();
  expect(registers.dirty(1)).toMatchObject([{ key: 'a', ver: 1, sup: 0 }]);
  expect(registers.dirty(10)).toHaveLength(2);
  database.write(() => registers.acknowledge([['a', 1]]));
  expect(registers.dirty(10)).toMatchObject([{ key: 'b' }]);
  expect(registers.superseded()).toBe(0);
});

test('a value belongs to the transaction in which it was set', ({ store: { database, registers } }) => {
  let heard = 0;
  registers.onSet(() => {
    heard += 1;
  });
  const undone = () =>
    database.write(() => {
      registers.set('a', 1);
      throw new RangeError('no');
    });
  expect(undone).toThrow(RangeError);
  expect(registers.dirty(10)).toEqual([]);
  registers.set('a', 1);
  expect(heard).toBe(1);
});

test('past the limit a new key is refused, and a known one still takes values', ({ store: { database, boot } }) => {
  const registers = new Registers({ database, boot, maxKeys: 2 });
  registers.set('a', 1);
  registers.set('b', 1);
  expect(() => registers.set('c', 1)).toThrow(expect.objectContaining({ code: 'registers.full' }));
  registers.set('a', 2);
  expect(registers.dirty(10)).toMatchObject([{ key: 'a', body: 2 }, { key: 'b' }]);
});
