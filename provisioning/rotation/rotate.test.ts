import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { strangersKey } from '../../test/support/certify.js';
import { mortal, Power, PowerCut } from '../../test/support/power-cut.js';
import { RotationWorld } from '../../test/support/rotation-world.js';
import { sleepingClock } from '../../test/support/sleeping-clock.js';
import type { ClaimRequests } from '../fleet/claim-link.js';
import { rotate } from './rotate.js';
import type { RotatingLink, RotationDeps } from './rotation-ports.js';
import type { RotationOrder, RotationOutcome } from './rotation-state.js';

const ORDER: RotationOrder = { reason: 'operator', orderId: 'cmd 1' };

function depsOf(world: RotationWorld): RotationDeps {
  const { keyStore } = world;
  const log = pino({ level: 'silent' });
  return { keyStore, link: world, cloud: world, clock: sleepingClock(), random: () => 0.5, log };
}

async function openWorld() {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-rotate-'));
  const world = new RotationWorld(dir);
  return { dir, world, first: await world.provision(), close: () => rm(dir, { recursive: true }) };
}

const rotationTest = test
  .extend('site', async ({ task: _task }, { onCleanup }) => {
    const site = await openWorld();
    onCleanup(site.close);
    return site;
  })
  .extend('world', ({ site }) => site.world)
  .extend('deps', ({ world }) => depsOf(world));

/** One pair, whole, that connects and is the only one; nothing else lies about. */
async function expectOnePair(world: RotationWorld, dir: string, isRotated: boolean, first: string): Promise<void> {
  const { current, next } = await world.keyStore.pairs();
  expect(next).toBeUndefined();
  expect(await world.hasWorkingPair()).toBe(true);
  expect(current?.certificateId === first).toBe(!isRotated);
  expect(world.pair.certificateId).toBe(current?.certificateId);
  expect(world.live.has(current?.certificateId ?? '')).toBe(true);
  if (isRotated) expect([...world.active]).toEqual([current?.certificateId]);
  const files = await readdir(dir);
  expect(files.filter((file) => file.startsWith('certificate-'))).toEqual([
    `certificate-${current?.certificateId}.pem`,
  ]);
  expect(files.length).toBe(3);
  for (const file of files) expect((await stat(path.join(dir, file))).mode & 0o777).toBe(0o600);
}

rotationTest('the steps are asked in order and once', async ({ site, deps }) => {
  const { world, dir, first } = site;
  const outcome = await rotate(deps, ORDER);
  expect(world.asked).toEqual(['csr', 'register', 'move', 'commit']);
  await expectOnePair(world, dir, true, first);
  const { certificateId } = (await world.keyStore.identity()) ?? {};
  expect(outcome).toMatchObject({ ok: true, rotated: { ...ORDER, certificateId, replacedCertificateId: first } });
  expect(await world.keyStore.readState()).toMatchObject({ lastRotation: { certificateId, isTold: false } });
});

rotationTest('a rotated hub is rotated again', async ({ site, deps }) => {
  await rotate(deps, ORDER);
  const { certificateId: second = '' } = (await site.world.keyStore.identity()) ?? {};
  await rotate(deps, { reason: 'age' });
  await expectOnePair(site.world, site.dir, true, second);
});

rotationTest('each stage is told once it is stored', async ({ world, deps }) => {
  const stages: string[] = [];
  await rotate({ ...deps, onStage: (stage) => stages.push(stage) }, ORDER);
  expect(stages).toEqual(['NEXT_KEY_MADE', 'NEXT_CERT_ISSUED', 'NEXT_REGISTERED', 'NEXT_VERIFIED']);
  expect(world.count('csr')).toBe(1);
});

/** Runs until the power goes; false if it did not. At any instant after that a pair on the disk connects. */
async function untilPowerCut(world: RotationWorld, left: number): Promise<boolean> {
  const power = new Power(left);
  const deps = depsOf(world);
  try {
    await rotate(
      {
        ...deps,
        keyStore: mortal(deps.keyStore, power),
        link: mortalLink(world, power),
        cloud: mortal(deps.cloud, power),
        signal: power.signal,
      },
      ORDER,
    );
    return false;
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
    expect(await world.hasWorkingPair()).toBe(true);
    return true;
  }
}

function mortalLink(world: RotationWorld, power: Power): RotatingLink {
  return {
    requests: mortal<ClaimRequests>(world, power),
    get pair() {
      return world.pair;
    },
    isConnected: () => world.isConnected(),
    moveTo: (pair) => mortal<Pick<RotatingLink, 'moveTo'>>(world, power).moveTo(pair),
    stayWith: (pair) => mortal<Pick<RotatingLink, 'stayWith'>>(world, power).stayWith(pair),
  };
}

/** The next start of the hub: its link by the pair that it should use, then the rotation, if one is open. */
async function restart(world: RotationWorld): Promise<RotationOutcome | undefined> {
  await world.restart();
  const state = await world.keyStore.readState();
  await world.keyStore.sweep();
  if (!('rotation' in state) || state.rotation === undefined) return undefined;
  return await rotate(depsOf(world), { reason: 'age' });
}

test('a power cut at any instant leaves a pair that works, and the next start goes on', {
  timeout: 60_000,
}, async () => {
  let instants = 0;
  for (let left = 1; ; left += 1) {
    const { world, dir, first, close } = await openWorld();
    const wasCut = await untilPowerCut(world, left);
    const before = await world.keyStore.readState();
    const wasOpen = 'rotation' in before && before.rotation !== undefined;
    const isDone = 'lastRotation' in before && before.lastRotation !== undefined;
    const outcome = await restart(world);
    if (wasOpen) expect(outcome).toMatchObject({ ok: true, rotated: ORDER });
    await expectOnePair(world, dir, wasOpen || isDone, first);
    await close();
    if (!wasCut) break;
    instants = left;
  }
  expect(instants).toBeGreaterThan(40);
});

test('power cuts one after another, and answers lost between them, leave a pair that works', {
  timeout: 60_000,
}, async () => {
  const anyFault = fc.record({
    of: fc.constantFrom('csr', 'register', 'move', 'commit', 'takes'),
    code: fc.constantFrom('link.lost', 'claim.no-answer', 'claim.unavailable', 'claim.token-refused', 'claim.refused'),
    lost: fc.boolean(),
  } as const);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }),
      fc.array(anyFault, { maxLength: 6 }),
      async (cuts, faults) => {
        const { world, close } = await openWorld();
        const codes = {
          commit: 'rotation.commit-unanswered',
          takes: 'rotation.commit-unanswered',
          move: 'link.refused',
        } as const;
        world.faults = faults.map(({ of, code, lost }) => {
          return of === 'csr' || of === 'register'
            ? { of, code, lost }
            : { of, code: codes[of], lost: lost && of !== 'move' };
        });
        for (const left of cuts) await untilPowerCut(world, left);
        await restart(world);
        expect(await world.hasWorkingPair()).toBe(true);
        expect((await world.keyStore.pairs()).next).toBeUndefined();
        world.faults = [];
        expect(await rotate(depsOf(world), ORDER)).toMatchObject({ ok: true });
        await close();
      },
    ),
    { numRuns: 25 },
  );
});

rotationTest(
  'what the network may mend is tried again, with the old pair at work meanwhile',
  async ({ site, deps }) => {
    const { world, dir, first } = site;
    world.faults = [
      { of: 'csr', code: 'link.lost' },
      { of: 'csr', code: 'claim.throttled' },
      { of: 'csr', code: 'claim.bad-answer' },
      { of: 'register', code: 'claim.no-answer', lost: true },
      { of: 'move', code: 'link.no-network' },
    ];
    const linkWhileWaiting: string[] = [];
    const clock = sleepingClock();
    const sleep: typeof clock.sleep = (ms, signal) => {
      linkWhileWaiting.push(world.pair.certificateId);
      return clock.sleep(ms, signal);
    };
    expect(await rotate({ ...deps, clock: { ...clock, sleep } }, ORDER)).toMatchObject({ ok: true });
    expect(linkWhileWaiting).toEqual([first, first, first, first, first]);
    await expectOnePair(world, dir, true, first);
  },
);

rotationTest.for([
  ['csr', 'claim.rejected', 'certificate'],
  ['csr', 'link.not-allowed', 'certificate'],
  ['register', 'claim.rejected', 'register'],
  ['register', 'claim.template-unknown', 'register'],
  ['move', 'link.bad-credentials', 'verify'],
] as const)('a %s that is answered by %s leaves the old pair at work', async ([of, code, step], { site, deps }) => {
  const { world, dir, first } = site;
  world.faults = [{ of, code }];
  const told = step === 'verify' ? 'rotation.new-pair-refused' : code;
  expect(await rotate(deps, ORDER)).toMatchObject({
    ok: false,
    failure: { ...ORDER, step, code: told, isTold: false },
  });
  await expectOnePair(world, dir, false, first);
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: true });
});

rotationTest('a hook that says no three times means it; twice may have been its bad day', async ({ site, deps }) => {
  const { world, dir, first } = site;
  const refusal = { of: 'register', code: 'claim.refused' } as const;
  world.faults = [refusal, { ...refusal }, { ...refusal }];
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: false, failure: { step: 'register', code: 'claim.refused' } });
  await expectOnePair(world, dir, false, first);
  world.faults = [refusal, { ...refusal }];
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: true });
});

rotationTest('a network that stays away ends it after a while', async ({ site, deps }) => {
  const { world, dir, first } = site;
  world.isReached = false;
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: false, failure: { code: 'link.lost' } });
  expect(world.count('csr')).toBe(8);
  await expectOnePair(world, dir, false, first);
  const onStage: RotationDeps['onStage'] = (stage) => {
    world.isReached = stage !== 'NEXT_REGISTERED';
  };
  world.isReached = true;
  const outcome = await rotate({ ...deps, onStage }, ORDER);
  expect(outcome).toMatchObject({ ok: false, failure: { step: 'verify', code: 'rotation.not-connected' } });
  await expectOnePair(world, dir, false, first);
});

rotationTest('a token that is over is followed by another certificate for the same key', async ({ site, deps }) => {
  const { world, dir, first } = site;
  world.faults = [{ of: 'register', code: 'claim.token-refused' }];
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: true });
  expect(world.count('csr')).toBe(2);
  await expectOnePair(world, dir, true, first);
});

rotationTest('a certificate for another key, or for another thing, is not used', async ({ site, deps }) => {
  const { world, dir, first } = site;
  world.keyOfNextCertificate = await strangersKey();
  world.nameOfNextThing = 'inklet-of-somebody-else';
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: false, failure: { step: 'register', code: 'claim.rejected' } });
  expect(world.count('csr')).toBe(2);
  await expectOnePair(world, dir, false, first);
});

rotationTest('a new pair that the broker does not let in is given up', async ({ site, deps }) => {
  const { world, dir, first } = site;
  const onStage: RotationDeps['onStage'] = (stage) => {
    if (stage === 'NEXT_REGISTERED') for (const id of world.active) if (id !== first) world.active.delete(id);
  };
  const outcome = await rotate({ ...deps, onStage }, ORDER);
  expect(outcome).toMatchObject({ ok: false, failure: { step: 'verify', code: 'rotation.new-pair-refused' } });
  expect(world.count('move')).toBe(1);
  await expectOnePair(world, dir, false, first);
});

rotationTest('a commit whose answer is lost is asked again by the new pair', async ({ site, deps }) => {
  const { world, dir, first } = site;
  world.faults = [1, 2, 3].map(() => ({ of: 'commit', code: 'rotation.commit-unanswered', lost: true }));
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: true });
  expect(world.count('commit')).toBe(4);
  await expectOnePair(world, dir, true, first);
});

rotationTest('a commit that the cloud refuses leads back to the old pair', async ({ site, deps }) => {
  const { world, dir, first } = site;
  world.faults = [{ of: 'commit', code: 'rotation.commit-refused' }];
  const outcome = await rotate(deps, ORDER);
  expect(outcome).toMatchObject({ ok: false, failure: { step: 'commit', code: 'rotation.commit-refused' } });
  await expectOnePair(world, dir, false, first);
  const givenUp = [...world.active].filter((certificateId) => certificateId !== first);
  expect(outcome).toMatchObject({ failure: { certificateId: givenUp[0] } });
});

rotationTest('a refusal after a commit that was lost does not lead back to a dead pair', async ({ site, deps }) => {
  const { world, dir, first } = site;
  world.faults = [
    { of: 'commit', code: 'rotation.commit-unanswered', lost: true },
    { of: 'commit', code: 'rotation.commit-refused' },
  ];
  expect(await rotate(deps, ORDER)).toMatchObject({ ok: true });
  await expectOnePair(world, dir, true, first);
});

rotationTest(
  'while the cloud is away the link takes whichever pair connects, and both are kept',
  async ({ site, deps }) => {
    const { world, dir, first } = site;
    world.faults = [1, 2, 3].map(() => ({ of: 'commit', code: 'rotation.commit-unanswered' }));
    const links: string[] = [];
    let second = '';
    const clock = sleepingClock();
    const sleep: typeof clock.sleep = async (ms, signal) => {
      links.push(world.pair.certificateId);
      const { next } = await world.keyStore.pairs();
      second = next?.certificateId ?? second;
      // The broker forgets the new certificate for the time of the second wait.
      if (links.length === 1) world.active.delete(second);
      if (links.length === 2) world.active.add(second);
      return await clock.sleep(ms, signal);
    };
    expect(await rotate({ ...deps, clock: { ...clock, sleep } }, ORDER)).toMatchObject({ ok: true });
    expect(links).toEqual([second, first, first]);
    await expectOnePair(world, dir, true, first);
  },
);

test('a hub that is not ACTIVE has nothing to rotate', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-rotate-'));
  const world = new RotationWorld(dir);
  await expect(rotate(depsOf(world), ORDER)).rejects.toMatchObject({ code: 'rotation.not-active' });
  expect(await readdir(dir)).toEqual([]);
  await rm(dir, { recursive: true });
});
