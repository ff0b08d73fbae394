import { expect } from 'vitest';
import { test } from '../../test/support/hub-site.js';

test('a counter goes on by one, writes to the card once in a hundred numbers, and never goes back', async ({
  site,
}) => {
  const { meta, database } = await site.open();
  meta.set('state_rev', '41');
  let writes = 0;
  const changes = database.prepare<[], { changes: number }>('SELECT total_changes() AS changes');
  const numbers = Array.from({ length: 150 }, () => {
    const before = changes.get()?.changes;
    const number = meta.next('state_rev');
    if (changes.get()?.changes !== before) writes += 1;
    return number;
  });
  expect(numbers).toEqual(Array.from({ length: 150 }, (_, at) => 42 + at));
  expect(writes).toBe(2);
  const again = await site.open();
  expect(again.meta.next('state_rev')).toBeGreaterThan(191);
});

test('a counter whose write failed does not hand out what it could not set aside', ({ store }) => {
  const { database, meta } = store;
  database.prepare("CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(FAIL, 'no room'); END").run();
  expect(() => meta.next('state_rev')).toThrow();
  database.prepare('DROP TRIGGER full').run();
  const number = meta.next('state_rev');
  expect(number).toBe(1);
  expect(meta.number('state_rev')).toBeGreaterThanOrEqual(number);
});
