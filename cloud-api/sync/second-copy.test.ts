import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncReply, SyncRequest } from '../../contract/index.js';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { SyncStore } from '../../test/support/sync-store.js';
import { parseSyncInput } from './sync-input.js';

const NO_TIMES = { firstAt: null, lastAt: null };

describe.each(testEngines())('a second copy of a card, on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  async function setUp() {
    const { hubId, thingName, certificateId } = await cloud.bindHub(await cloud.signUp());
    const caller = { kind: 'hub', hubId, thingName, certificateId, householdId: null } as const;
    const send = (request: SyncRequest | Record<string, unknown>): Promise<SyncReply> =>
      cloud.services.sync.exchange(caller, parseSyncInput({ v: 1, ...request }));
    return { send, store: new SyncStore() };
  }
  const quota = (from: number, to: number) => {
    return { lane: 1, from, to, reason: 'quota', rows: to - from + 1, bytes: 60, ...NO_TIMES } as const;
  };

  test('is found by an event that is another one than what is stored under its number', async () => {
    const { send, store } = await setUp();
    const [first, last] = [store.event(), store.event()];
    const other = { id: undefined, body: { version: '2', bootId: store.boot } };
    await send(store.request({ logs: [store.slice(1, [first, store.event(), last], 1)] }));
    const late = [first, store.event(other), last, store.event()];
    expect((await send(store.request({ logs: [store.slice(1, late, 1)] }))).epochState).toBe('E_FORK');
  });

  test('is found by an event for which the first one has named a gap, and by a gap over events of the first', async () => {
    const { send, store } = await setUp();
    const events = [store.event(), store.event()];
    await send(store.request({ gaps: [quota(1, 2)], logs: [store.slice(3, events, 1)] }));
    const inGap = store.request({ logs: [store.slice(2, [store.event(), ...events, store.event()], 1)] });
    expect((await send(inGap)).epochState).toBe('E_FORK');
    expect((await send(store.request({ gaps: [quota(1, 5)] }))).epochState).toBe('E_FORK');
    const again = store.request({ gaps: [quota(1, 2)], logs: [store.slice(3, [...events, store.event()], 1)] });
    expect(await send(again)).toMatchObject({ epochState: 'open', acks: { 1: 5 } });
  });

  test('is found by what it takes for acknowledged further back', async () => {
    const { send, store } = await setUp();
    const events = [store.event(), store.event(), store.event()];
    await send(store.request({ logs: [store.slice(1, events, 1)] }));
    const claims = (id: string | undefined) => store.request({ after: { 1: { seq: 2, id: id ?? null } } });
    expect((await send(claims(events[1]?.id))).epochState).toBe('open');
    expect((await send(claims(v7()))).epochState).toBe('E_FORK');
  });

  test('is not what comes again after its acknowledgement was lost, readable or not, or fills what a restore lost', async () => {
    const { send, store } = await setUp();
    const deep: unknown = JSON.parse('['.repeat(500) + ']'.repeat(500));
    const events = [
      store.event(),
      null,
      'text',
      store.event({ type: 'zero \0' }),
      { ...store.event(), tv: 2 ** 40 },
      store.event({ type: 'later', body: deep }),
      store.event({ body: 'of no use' }),
      store.event({ type: 'later', tv: 3, body: { text: 'half \ud800 and \0', list: [1e300, -0, 0.1] } }),
    ];
    const request = { ...store.request(), logs: [{ lane: 0, first: 1, lastId: v7(), events }] };
    expect(await send(request)).toMatchObject({ epochState: 'open', acks: { 0: 8 } });
    expect(await send(request)).toMatchObject({ epochState: 'open', acks: { 0: 8 } });
    const lost = [store.event(), store.event()];
    await send(store.request({ after: { 1: { seq: 5, id: lost[1]?.id ?? null } } }));
    const late = await send(store.request({ logs: [store.slice(4, lost, 1)] }));
    expect(late).toMatchObject({ epochState: 'open', acks: { 1: 5 } });
  });
});
