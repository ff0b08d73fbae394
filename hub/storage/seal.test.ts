import { expect } from 'vitest';
import type { HubEvent } from '../../contract/index.js';
import { test } from '../../test/support/hub-site.js';
import type { Store } from './store.js';

const EVENT: HubEvent = {
  type: 'hub.started',
  body: { version: 'bread', bootId: '01890000-0000-7000-8000-000000000001' },
};
const WINDOW = { events: 500, bytes: 1_000_000 };

/** As a card that gives back other bits than it was given. */
function alter({ database }: Store, sql: string): void {
  database.write(() => database.prepare(sql).run());
}

test('events that say the same in the same moment have ids of their own', async ({ store }) => {
  const places = await Promise.all(Array.from({ length: 500 }, () => store.outbox.enqueue(EVENT)));
  expect(new Set(places.map(({ id }) => id)).size).toBe(500);
});

for (const [what, sql] of [
  ['text', "UPDATE log0 SET body = replace(body, 'bread', 'break') WHERE pos = 2"],
  ['time', 'UPDATE log0 SET mono_ms = mono_ms + 1 WHERE pos = 2'],
  ['kind', "UPDATE origin SET type = 'cmd.result'"],
  ['place', 'UPDATE log0 SET pos = 4 WHERE pos = 2'],
  ['JSON', "UPDATE log0 SET body = '{' WHERE pos = 2"],
] as const) {
  test(`an event whose ${what} was changed on the card is never sent, and is named as lost`, async ({ site }) => {
    const damages: string[] = [];
    const store = await site.open({ onDamaged: (damage) => damages.push(damage) });
    for (let events = 0; events < 3; events += 1) await store.outbox.enqueue(EVENT);
    alter(store, sql);
    if (what !== 'place') {
      expect(() => store.outbox.pieces(0, WINDOW)).toThrow(expect.objectContaining({ code: 'storage.damaged' }));
      expect(damages).toHaveLength(1);
    }
    store.database.close();
    const again = await site.open();
    await again.health.whenLooked();
    const last = again.salvaged === undefined ? await site.open() : again;
    expect(last.salvaged).toMatchObject({ uncounted: [], knowsEpoch: true });
    const { slices, gaps } = last.outbox.pieces(0, WINDOW);
    expect(gaps[0]).toMatchObject({ reason: 'corrupt', was: [{ lane: 0 }] });
    const sent = slices.flatMap(({ events }) => events);
    expect(sent.every(({ body }) => JSON.stringify(body) === JSON.stringify(EVENT.body))).toBe(true);
    expect(sent).toHaveLength(what === 'kind' ? 0 : 2);
  });
}
