import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEngines } from '../../test/support/cloud-databases.js';
import { openPublicApi, type PublicApiWorld, type TestHome } from '../../test/support/public-api.js';
import type { PresentationEvent } from '../sync/presentation-port.js';

const AT = '2026-03-01T07:00:01.000Z';
const TIMES = { received: AT, rendered: AT, painted: AT, confirmed: AT };

describe.each(testEngines())('on $name', (engine) => {
  let world: PublicApiWorld;
  beforeAll(async () => {
    world = await openPublicApi(engine);
  });
  afterAll(() => world.close());

  /** A text on its way, and what its hub may tell about it. */
  async function push(home: TestHome, text: string) {
    const { analysis } = await home.client.push.manual(home.displayId, [{ type: 'text', text }]);
    const presentationId = analysis.presentationIds?.[0] ?? '';
    const cmdId = world.published.at(-1)?.cmdId ?? '';
    const about = (by: string) => ({ presentationId, displayId: home.displayId, cmdId: by, origin: 'cloud' as const });
    return {
      id: presentationId,
      cmdId,
      received: (by = cmdId): PresentationEvent => ({ type: 'presentation.received', body: { ...about(by), at: AT } }),
      superseded: (by = cmdId): PresentationEvent => ({
        type: 'presentation.superseded',
        body: { ...about(by), at: AT, by: null },
      }),
      confirmed: (by = cmdId): PresentationEvent => ({
        type: 'presentation.confirmed',
        body: { ...about(by), frameSha256: 'a'.repeat(64), refresh: 'full', times: TIMES },
      }),
    };
  }

  const states = async (home: TestHome, ...ids: string[]) =>
    Promise.all(ids.map(async (id) => (await home.client.presentations.get(id)).state));

  test('with its hub gone from the household, nothing of it stays on its way or on a glass', async () => {
    const home = await world.newHome();
    const [first, second] = [await push(home, '1'), await push(home, '2')];
    await home.tell(second.confirmed());
    const third = await push(home, '3');
    await home.tell(third.received());
    expect(await states(home, first.id, second.id, third.id)).toEqual(['expired', 'confirmed', 'published']);
    await world.services.bindings.unbind(home.householdId, home.hubId);
    expect(await states(home, first.id, second.id, third.id)).toEqual(['expired', 'expired', 'expired']);
  });

  test('a proof ends whatever was asked for before it and had no end of its own', async () => {
    const home = await world.newHome();
    const lost = await push(home, '1');
    await home.tell(lost.received());
    await world.db.asOwner((tx) => tx.execute(sql`update command set state = 'RECEIVED' where id = ${lost.cmdId}`));
    const shown = await push(home, '2');
    const next = await push(home, '3');
    expect(await states(home, lost.id, shown.id, next.id)).toEqual(['published', 'expired', 'queued']);
    await home.tell(shown.confirmed());
    expect(await states(home, lost.id, shown.id, next.id)).toEqual(['expired', 'confirmed', 'queued']);
  });

  test('the late end of an earlier command does not end what was asked for again since', async () => {
    const home = await world.newHome();
    const shown = await push(home, '1');
    await home.client.displays.advance(home.displayId);
    const again = world.published.at(-1)?.cmdId ?? '';
    expect(again).not.toBe(shown.cmdId);
    await home.tell(shown.received());
    await home.tell(shown.superseded(shown.cmdId));
    expect(await states(home, shown.id)).toEqual(['published']);
    expect(await home.client.displays.get(home.displayId)).toMatchObject({ pendingPresentationId: shown.id });
    await home.tell(shown.superseded(again));
    expect(await states(home, shown.id)).toEqual(['expired']);
  });
});
