import path from 'node:path';
import { expect } from 'vitest';
import type { RotationDeps, RotationOrder, RotationOutcome } from '../../provisioning/index.js';
import { test as base, eventsOf, SILENT, type Site, settle } from '../../test/support/hub-site.js';
import { RotationWorld } from '../../test/support/rotation-world.js';
import type { Store } from '../storage/store.js';
import { notBeforeMs } from './due-time.js';
import { Rotator } from './rotator.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const ORDER: RotationOrder = { reason: 'operator', orderId: 'command:1' };
const GIVEN_UP = 'c'.repeat(64);
const FAILED = { step: 'register', code: 'claim.refused', message: 'blocked', certificateId: GIVEN_UP } as const;

/** A rotator whose rotations end as the test says, and what it was asked. */
function rotatorOf({ store, site, world }: { store: Store; site: Site; world: RotationWorld }, afterDays = 365) {
  const { outbox, boot } = store;
  const { clock } = site;
  const carried: RotationOrder[] = [];
  const ends: ((isGood: boolean) => Promise<void>)[] = [];
  const failures: ((error: Error) => void)[] = [];
  const end = async ({ reason, orderId }: RotationOrder, isGood: boolean): Promise<RotationOutcome> => {
    const state = await world.keyStore.readState();
    if (state.phase !== 'ACTIVE') throw new TypeError('no hub');
    const told = { reason, orderId, atMs: clock.now(), isTold: false };
    const { certificateId } = state;
    const rotated = { ...told, certificateId, replacedCertificateId: 'b'.repeat(64) };
    const failure = { ...told, ...FAILED };
    await world.keyStore.writeState({
      ...state,
      ...(isGood ? { lastRotation: rotated } : { lastRotationFailure: failure }),
    });
    return isGood ? { ok: true, rotated } : { ok: false, failure };
  };
  const rotate = (_deps: RotationDeps, order: RotationOrder) => {
    carried.push(order);
    return new Promise<RotationOutcome>((resolve, reject) => {
      failures.push(reject);
      ends.push(async (isGood) => resolve(await end(order, isGood)));
    });
  };
  const deps = { keyStore: world.keyStore, rotate, afterDays, outbox, boot, clock, random: () => 0.5, log: SILENT };
  const rotator = new Rotator(deps);
  const fail = (error: Error) => {
    ends.splice(0);
    failures.pop()?.(error);
  };
  return { rotator, carried, ends, fail, start: () => rotator.start({ link: world, cloud: world }) };
}

const test = base
  .extend('world', async ({ dir }) => {
    const world = new RotationWorld(path.join(dir, 'identity'));
    await world.provision();
    return world;
  })
  .extend('hub', async ({ store, site, world }, { onCleanup }) => {
    const hub = rotatorOf({ store, site, world });
    onCleanup(async () => {
      for (const end of hub.ends.splice(0)) await end(true);
      await hub.rotator.stop();
    });
    return hub;
  });

test('an order waits for the cloud, is carried out once, and is told to the cloud', async ({ hub, store }) => {
  const outcome = hub.rotator.request(ORDER);
  await settle();
  expect(hub.carried).toEqual([]);
  hub.start();
  await expect.poll(() => hub.carried).toEqual([ORDER]);
  await hub.ends.shift()?.(true);
  expect(await outcome).toMatchObject({ ok: true, rotated: ORDER });
  await expect
    .poll(() => eventsOf(store))
    .toMatchObject([{ type: 'certificate.rotated', body: { reason: 'operator' } }]);
});

test('whoever asks while one is under way gets its outcome', async ({ hub, store }) => {
  hub.start();
  const first = hub.rotator.request(ORDER);
  await expect.poll(() => hub.carried).toHaveLength(1);
  const second = hub.rotator.request({ reason: 'job', orderId: 'job:1:1' });
  await hub.ends.shift()?.(false);
  expect([await first, await second]).toMatchObject([{ failure: FAILED }, { failure: FAILED }]);
  expect(hub.carried).toHaveLength(1);
  const body = { reason: 'operator', ...FAILED };
  await expect.poll(() => eventsOf(store)).toEqual([{ type: 'certificate.rotation-failed', body }]);
});

test('an order that comes again after a restart has the outcome that it had', async ({ hub, store, site, world }) => {
  hub.start();
  const first = hub.rotator.request(ORDER);
  await expect.poll(() => hub.carried).toHaveLength(1);
  await hub.ends.shift()?.(true);
  await first;
  await hub.rotator.stop();
  const next = rotatorOf({ store, site, world });
  next.start();
  expect(await next.rotator.request(ORDER)).toMatchObject({ ok: true, rotated: ORDER });
  expect(next.carried).toEqual([]);
  await next.rotator.stop();
});

test('what a kill left open is taken up by the next start, and what lies about is removed', async ({ hub, world }) => {
  const leftover = await world.keyStore.makeNextKey();
  const keyFile = await world.keyStore.makeNextKey();
  const state = await world.keyStore.readState();
  if (state.phase !== 'ACTIVE') return expect.unreachable();
  await world.keyStore.writeState({ ...state, rotation: { stage: 'NEXT_KEY_MADE', reason: 'age', keyFile } });
  hub.start();
  await expect.poll(() => hub.carried).toEqual([{ reason: 'age' }]);
  expect(hub.rotator.view()?.stage).toBe('NEXT_KEY_MADE');
  await world.keyStore.writeState(state);
  await hub.ends.shift()?.(true);
  await expect.poll(() => world.keyStore.readKey(leftover).catch(() => 'gone')).toBe('gone');
});

test('an event that was not told before a kill is told by the next start, once', async ({ hub, store, world }) => {
  const state = await world.keyStore.readState();
  if (state.phase !== 'ACTIVE') return expect.unreachable();
  const failure = { reason: 'age', atMs: 0, isTold: false, ...FAILED } as const;
  await world.keyStore.writeState({ ...state, lastRotationFailure: failure });
  hub.start();
  await expect.poll(() => eventsOf(store)).toHaveLength(1);
  await expect.poll(() => hub.rotator.view()?.lastFailure).toMatchObject({ isTold: true });
});

test('an old certificate is rotated once the clock agrees with the cloud, and after a day again', async ({
  hub,
  store,
  site,
  world,
}) => {
  const { clock } = site;
  clock.jumpWall(notBeforeMs(world.pair) + 366 * DAY_MS - clock.now());
  hub.start();
  const pass = async (ms: number) => {
    // The rotator sleeps when it has looked.
    await expect.poll(() => clock.sleeping.length).toBeGreaterThan(0);
    clock.advance(ms);
    store.boot.heardServerTime(clock.now());
  };
  await pass(1);
  expect(hub.carried).toEqual([]);
  await pass(15 * 60_000);
  await expect.poll(() => hub.carried).toEqual([{ reason: 'age' }]);
  await hub.ends.shift()?.(false);
  await pass(12 * 60 * 60_000);
  await pass(1);
  expect(hub.carried).toHaveLength(1);
  await pass(12 * 60 * 60_000);
  await expect.poll(() => hub.carried).toHaveLength(2);
});

test('a rotation that the card does not take fails whoever asked, and is not tried by the minute', async ({
  hub,
  store,
  site,
  world,
}) => {
  const { clock } = site;
  clock.jumpWall(notBeforeMs(world.pair) + 366 * DAY_MS - clock.now());
  store.boot.heardServerTime(clock.now());
  hub.start();
  await expect.poll(() => hub.carried).toHaveLength(1);
  const waiting = hub.rotator.request(ORDER);
  hub.fail(new TypeError('ENOSPC'));
  await expect(waiting).rejects.toThrow('ENOSPC');
  for (let turns = 0; turns < 5; turns += 1) {
    await expect.poll(() => clock.sleeping.length).toBeGreaterThan(0);
    clock.advance(15 * 60_000);
  }
  expect(hub.carried).toHaveLength(1);
});

test('whoever waits when the hub stops hears of it', async ({ hub }) => {
  const waiting = hub.rotator.request(ORDER);
  await hub.rotator.stop();
  await expect(waiting).rejects.toMatchObject({ code: 'hub.stopping' });
  await expect(hub.rotator.request(ORDER)).rejects.toMatchObject({ code: 'hub.stopping' });
});
