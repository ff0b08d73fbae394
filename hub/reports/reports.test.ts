import { expect } from 'vitest';
import { HeartbeatSchema, RequestClaimSchema, StateSchema } from '../../contract/index.js';
import { aDisplay, test as base, SILENT, settle } from '../../test/support/hub-site.js';
import type { LinkState } from '../cloud-link/cloud-link.js';
import { HubError } from '../errors.js';
import { ClaimRequester } from './claim-requester.js';
import { displayStateOf } from './display-states.js';
import { heartbeatReporter } from './heartbeat-reporter.js';
import { stateReporter } from './state-reporter.js';

const FACTS = { thingName: 'inklet-aaaaaaaaaaaaaaaa', hwId: '00112233445566778899', model: '1', version: '1.0.0' };
const GEOMETRY = { width: 8, height: 1, inks: ['black', 'white'] };
const ANNA = { householdId: '01890000-0000-7000-8000-00000000000a', householdName: 'Anna' };

const test = base
  .extend('link', () => {
    const told: { topic: string; message: unknown }[] = [];
    const state: LinkState = { connected: true, connectedSinceMs: 0, reconnects: 2, problem: undefined, takeOvers: 0 };
    const link = {
      told,
      isDown: false,
      state: (): LinkState => (link.isDown ? { ...state, connected: false } : state),
      publish: async (topic: string, payload: string) => {
        if (link.isDown) throw new HubError('link.down', topic);
        told.push({ topic, message: JSON.parse(payload) });
      },
    };
    return link;
  })
  .extend('reporters', ({ store, site, link }, { onCleanup }) => {
    const { outbox, boot, binding, meta, displays, registers } = store;
    const { clock } = site;
    aDisplay(store);
    const heartbeat = heartbeatReporter({
      link,
      facts: FACTS,
      outbox,
      boot,
      intervalS: () => 60,
      rssBytes: () => 1,
      temperatureC: async () => 41.5,
      clock,
      log: SILENT,
    });
    const displayStates = () => displays.list().flatMap((row) => displayStateOf(row, () => GEOMETRY) ?? []);
    const state = stateReporter({ link, facts: FACTS, displayStates, binding, meta, registers, clock, log: SILENT });
    let ids = 0;
    const newId = () => {
      ids += 1;
      return `01890000-0000-7000-8000-${`${ids}`.padStart(12, '0')}`;
    };
    const claims = new ClaimRequester({ link, thingName: FACTS.thingName, binding, newId, clock, log: SILENT });
    onCleanup(async () => {
      await Promise.all([heartbeat.stop(), state.stop(), claims.stop()]);
    });
    return { heartbeat, state, claims };
  });

test('a heartbeat comes with each connection and then by the interval, and none without a link', async ({
  site,
  link,
  reporters: { heartbeat },
}) => {
  heartbeat.start();
  await settle();
  expect(link.told).toEqual([]);
  heartbeat.notify();
  await settle();
  expect(HeartbeatSchema.parse(link.told[0]?.message)).toMatchObject({
    temperatureC: 41.5,
    nextHeartbeatS: 60,
    link: { reconnects: 2 },
  });
  link.isDown = true;
  site.clock.advance(60_000);
  await settle();
  link.isDown = false;
  site.clock.advance(60_000);
  await settle();
  expect(link.told.map(({ topic }) => topic)).toEqual([1, 2].map(() => `inklet/dev/${FACTS.thingName}/up/heartbeat`));
});

// A store that could not be read for a moment ended the process.
test('a heartbeat that cannot be put together is left out, and the next one comes', async ({
  store,
  site,
  link,
  reporters: { heartbeat },
}) => {
  heartbeat.start();
  store.database.prepare('ALTER TABLE lane RENAME TO lane_away').run();
  heartbeat.notify();
  await settle();
  store.database.prepare('ALTER TABLE lane_away RENAME TO lane').run();
  site.clock.advance(60_000);
  await settle();
  expect(link.told).toHaveLength(1);
});

test('changes of one moment are one state, with a revision that rises over restarts', async ({
  store,
  link,
  reporters: { state },
}) => {
  store.meta.set('state_rev', '41');
  state.start();
  for (let change = 0; change < 5; change += 1) state.notify();
  await settle();
  store.binding.bind(ANNA);
  state.notify();
  await settle();
  const states = link.told.map(({ message }) => StateSchema.parse(message));
  expect(states).toMatchObject([
    { rev: 42, bound: false, householdId: null, displays: [{ name: 'Kitchen', width: 8 }] },
    { rev: 43, bound: true, householdId: ANNA.householdId },
  ]);
  expect(JSON.stringify(link.told)).not.toContain('Anna');
});

test('a claim code is asked for until it comes, under one id, and anew when it has expired', async ({
  store,
  site,
  link,
  reporters: { claims },
}) => {
  const ids = () => link.told.map(({ message }) => RequestClaimSchema.parse(message).requestId.slice(-1));
  claims.start();
  await settle();
  site.clock.advance(30_000);
  await settle();
  expect(ids()).toEqual(['1', '1']);
  store.binding.setClaim({ requestId: '1', expiresMs: site.clock.now() + 600_000 });
  claims.notify();
  await settle();
  site.clock.advance(599_999);
  await settle();
  expect(ids()).toEqual(['1', '1']);
  site.clock.advance(1);
  await settle();
  expect(ids()).toEqual(['1', '1', '2']);
});

test('a code that the cloud owes is told of for as long as the link is up, the hub nobody’s and no code on the glass', async ({
  store,
  site,
  link,
  reporters: { claims },
}) => {
  const pass = async () => {
    site.clock.advance(30_000);
    await settle();
  };
  claims.start();
  await settle();
  await pass();
  expect(claims.unansweredMs).toBe(30_000);
  link.isDown = true;
  expect(claims.unansweredMs).toBe(0);
  await pass();
  link.isDown = false;
  claims.notify();
  await settle();
  expect(claims.unansweredMs).toBe(0);
  for (let repeat = 0; repeat < 12; repeat += 1) await pass();
  expect(claims.unansweredMs).toBe(360_000);
  store.binding.setClaim({ requestId: '1', expiresMs: site.clock.now() + 600_000 });
  expect(claims.unansweredMs).toBe(0);
});

// A code that expired while the glass was too cold to show it was asked for without end.
test('a code that does not come onto the glass is asked for anew, before it has expired', async ({
  site,
  link,
  reporters: { claims },
}) => {
  claims.start();
  await settle();
  for (let repeat = 0; repeat < 10; repeat += 1) {
    site.clock.advance(30_000);
    await settle();
  }
  const ids = link.told.map(({ message }) => RequestClaimSchema.parse(message).requestId);
  expect(new Set(ids.slice(0, -1)).size).toBe(1);
  expect(ids.at(-1)).not.toBe(ids[0]);
});

test('a clock that was set back by a year does not keep an old code for good', async ({
  store,
  site,
  link,
  reporters: { claims },
}) => {
  store.binding.setClaim({ requestId: '1', expiresMs: site.clock.now() + 365 * 24 * 3_600_000 });
  claims.start();
  await settle();
  expect(link.told).toHaveLength(1);
});

test('a hub that is bound, or without a link, asks for no claim code', async ({
  store,
  link,
  reporters: { claims },
}) => {
  link.isDown = true;
  claims.start();
  await settle();
  link.isDown = false;
  store.binding.bind(ANNA);
  claims.notify();
  await settle();
  expect(link.told).toEqual([]);
});

test('what MQTT tells of the displays is the register of the sync under the same revision, and no more often', async ({
  store,
  link,
  reporters: { state },
}) => {
  link.isDown = true;
  state.start();
  state.notify();
  await settle();
  const [offline] = store.registers.dirty(1);
  expect(link.told).toEqual([]);
  link.isDown = false;
  for (let connection = 0; connection < 3; connection += 1) {
    state.notify();
    await settle();
  }
  expect(store.registers.dirty(1)).toEqual([offline]);
  expect(link.told.map(({ message }) => message)).toEqual([1, 2, 3].map(() => offline?.body));
  expect(StateSchema.parse(offline?.body)).toMatchObject({ displays: [{ name: 'Kitchen' }] });
});

test('a state that found no room on the card is kept once there is some, without another change', async ({
  store,
  site,
  link,
  reporters: { state },
}) => {
  store.database.prepare('ALTER TABLE reg RENAME TO reg_away').run();
  state.start();
  state.notify();
  await settle();
  store.database.prepare('ALTER TABLE reg_away RENAME TO reg').run();
  site.clock.advance(60_000);
  await settle();
  const [kept] = store.registers.dirty(1);
  expect(StateSchema.parse(kept?.body)).toMatchObject({ displays: [{ name: 'Kitchen' }] });
  expect(link.told.map(({ message }) => message)).toEqual([kept?.body]);
  site.clock.advance(60_000);
  await settle();
  expect(link.told).toHaveLength(1);
});
