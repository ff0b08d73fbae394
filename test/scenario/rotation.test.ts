import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { FaultInput } from '../../device-sim/iot-core/faults/fault.js';
import { KeyStore, thingNameFor } from '../../provisioning/index.js';
import { hastyClock } from '../support/hasty-clock.js';
import { test as base, HubAt } from '../support/hub-world.js';
import { startInProcess } from '../support/in-process-hub.js';
import { type CommitFault, ThinCloud } from '../support/thin-cloud.js';

const WAIT = { timeout: 45_000, interval: 50 };
const LIMIT = { timeout: 60_000 };
/** Half a minute without an answer passes in three seconds. */
const SPEED = 10;

/** A hub that has its certificate and is connected, beside a cloud of a few lines. */
const test = base
  .extend('cloud', async ({ world }, { onCleanup }) => {
    const cloud = await ThinCloud.start(world.iotCore);
    onCleanup(() => cloud.stop());
    return cloud;
  })
  .extend('start', ({ world, cloud, logged }, { onCleanup }) => {
    const stops: (() => Promise<void>)[] = [];
    onCleanup(async () => {
      for (const stop of stops) await stop();
    });
    return async () => {
      const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
      const env = { ...world.env, INKLET_CLOUD_URL: cloud.url, INKLET_SYNC_INTERVAL_S: '5' };
      const { url, stop } = await startInProcess(env, log, { clock: hastyClock(SPEED), random: () => 0.5 });
      stops.push(stop);
      return { hub: new HubAt(url), stop };
    };
  })
  .extend('site', async ({ world, cloud, start }) => {
    world.reader.place(await world.signedTag());
    const { hub, stop } = await start();
    await expect.poll(async () => (await hub.status()).link.connected, WAIT).toBe(true);
    const { admin } = world.iotCore;
    const thing = thingNameFor(world.hwId);
    const dir = path.join(world.dir, 'hub', 'identity');
    const keyStore = new KeyStore({ dir });
    const first = (await keyStore.identity())?.certificateId ?? '';
    let jobs = 0;
    const rotateByJob = (document: Record<string, string> = { op: 'rotate' }) => {
      jobs += 1;
      const jobId = `job-${jobs}`;
      admin.jobs.create({ jobId, document, targets: [thing] });
      return () => admin.jobs.executions(jobId)[0];
    };
    const active = () =>
      admin
        .certificates()
        .filter(({ thingName, status }) => thingName === thing && status === 'ACTIVE')
        .map(({ certificateId }) => certificateId);
    const connectedBy = () => admin.clients().find(({ clientId }) => clientId === thing)?.certificateId;
    return { world, cloud, admin, thing, hub, stop, dir, keyStore, first, rotateByJob, active, connectedBy };
  });

type Site = {
  keyStore: KeyStore;
  dir: string;
  cloud: ThinCloud;
  connectedBy: () => string | undefined;
  active: () => string[];
};

/** The hub works by one certificate that is good everywhere, and nothing else is left of another. */
async function expectWhole({ keyStore, dir, connectedBy, active, cloud }: Site): Promise<string> {
  const { current, next } = await keyStore.pairs();
  const certificateId = current?.certificateId ?? '';
  expect(next).toBeUndefined();
  expect(active()).toContain(certificateId);
  await expect.poll(connectedBy, WAIT).toBe(certificateId);
  await expect.poll(() => cloud.signedBy.at(-1), WAIT).toBe(certificateId);
  // Key, certificate and state; the state may just be written.
  await expect.poll(async () => (await readdir(dir)).length, WAIT).toBe(3);
  return certificateId;
}

test(
  'a job gives the hub its next key; the cloud hears of it, and switches the old one off',
  LIMIT,
  async ({ site }) => {
    const { hub, cloud, first, rotateByJob, active } = site;
    const execution = rotateByJob();
    await expect.poll(() => execution()?.status, WAIT).toBe('SUCCEEDED');
    const second = await expectWhole(site);
    expect(second).not.toBe(first);
    expect(active()).toEqual([second]);
    expect(execution()?.statusDetails).toEqual({ stage: 'COMMITTED', certificateId: second });
    const body = { certificateId: second, replacedCertificateId: first, reason: 'job' };
    const isTold = () => cloud.told.some((event) => event.includes(JSON.stringify(body)));
    await expect.poll(isTold, WAIT).toBe(true);
    const status = await hub.status();
    expect(status.link).toMatchObject({ connected: true, cloneSuspected: false });
    expect(status.certificate).toMatchObject({
      id: second.slice(0, 12),
      ageDays: 0,
      stage: null,
      lastRotation: { reason: 'job' },
      lastFailure: null,
    });
  },
);

test('a command does the same, and ends as the rotation did', LIMIT, async ({ site }) => {
  const { cloud, first, world } = site;
  world.iotCore.admin.faults.arm({ kind: 'hook-refusing', reason: 'blocked', times: 3 });
  cloud.send('rotate', 'rotate', { reason: 'operator' });
  const told = (word: string) => cloud.told.filter((event) => event.includes(word));
  await expect.poll(() => told('"kind":"rotate"').join(), WAIT).toContain('"claim.refused"');
  expect(await expectWhole(site)).toBe(first);
  await expect.poll(() => told('certificate.rotation-failed').join(), WAIT).toContain('"step":"register"');
  cloud.send('rotate', 'rotate', { reason: 'operator' });
  await expect.poll(() => told('"kind":"rotate"').join(), WAIT).toContain('"state":"applied"');
  expect(await expectWhole(site)).not.toBe(first);
});

const MENDED: readonly (readonly [string, FaultInput | CommitFault])[] = [
  ['the answer to the CSR is lost', { kind: 'answer-lost', operation: 'CreateCertificateFromCsr' }],
  ['the answer of RegisterThing is lost', { kind: 'answer-lost', operation: 'RegisterThing' }],
  ['the answer of RegisterThing is late', { kind: 'answer-late', operation: 'RegisterThing', delayMs: 4_000 }],
  ['each answer comes twice', { kind: 'answer-twice', times: 4 }],
  ['a PUBACK is lost', { kind: 'puback-lost', operation: 'RegisterThing' }],
  ['the line goes dead', { kind: 'half-open', operation: 'RegisterThing' }],
  ['the token is over', { kind: 'token-expired' }],
  ['the hook fails', { kind: 'hook-failing' }],
  ['the hook is slow', { kind: 'hook-slow' }],
  ['the request is throttled', { kind: 'throttled', operation: 'RegisterThing' }],
  ['the new connection is throttled', { kind: 'throttled', operation: 'Connect' }],
  ['the answer about the job is lost', { kind: 'answer-lost', operation: 'Jobs', skip: 1, times: 3 }],
  ['the answer to the commit is lost', 'answer-lost'],
  ['the cloud is out of order', 'out-of-order'],
];

test.for(MENDED)('a rotation comes to its end though %s', LIMIT, async ([, fault], { site }) => {
  const { admin, cloud, first, rotateByJob, active } = site;
  if (typeof fault === 'string') cloud.commitFaults = [fault];
  else admin.faults.arm(fault);
  const execution = rotateByJob();
  await expect.poll(() => execution()?.status, WAIT).toBe('SUCCEEDED');
  expect(typeof fault === 'string' ? cloud.commits : admin.faults.struck(fault.kind)).toBeGreaterThan(0);
  const second = await expectWhole(site);
  expect(second).not.toBe(first);
  expect(active()).toContain(second);
  expect(active()).not.toContain(first);
});

const REFUSED: readonly (readonly [string, FaultInput | CommitFault, string, string])[] = [
  ['the hook says no', { kind: 'hook-refusing', times: 3 }, 'register', 'claim.refused'],
  [
    'the new certificate is revoked',
    { kind: 'certificate-revoked', operation: 'Connect' },
    'verify',
    'rotation.new-pair-refused',
  ],
  ['the cloud does not take it', 'refused', 'commit', 'rotation.commit-refused'],
];

test.for(REFUSED)('the hub stays with its old pair when %s', LIMIT, async ([, fault, step, code], { site }) => {
  const { admin, cloud, first, hub, rotateByJob } = site;
  if (typeof fault === 'string') cloud.commitFaults = [fault];
  else admin.faults.arm(fault);
  const execution = rotateByJob();
  await expect.poll(() => execution()?.status, WAIT).toBe('FAILED');
  expect(execution()?.statusDetails).toMatchObject({ step, code });
  expect(await expectWhole(site)).toBe(first);
  expect((await hub.status()).certificate?.lastFailure).toMatchObject({ step, code, reason: 'job' });
  const again = rotateByJob();
  await expect.poll(() => again()?.status, WAIT).toBe('SUCCEEDED');
  expect(await expectWhole(site)).not.toBe(first);
});

test('a refusal by a cloud that knows neither pair gives up neither', LIMIT, async ({ site }) => {
  const { cloud, first, keyStore, rotateByJob } = site;
  cloud.unknown.add(first);
  cloud.commitFaults = ['refused', 'refused'];
  const execution = rotateByJob();
  await expect.poll(() => execution()?.status, WAIT).toBe('SUCCEEDED');
  expect(cloud.commits).toBe(3);
  expect((await keyStore.pairs()).current?.certificateId).not.toBe(first);
});

test(
  'a hub that stops in the middle goes on at its next start, and its job ends once',
  LIMIT,
  async ({ site, start }) => {
    const { world, first, stop, rotateByJob, active } = site;
    let asked = 0;
    const stopped: Promise<void>[] = [];
    world.iotCore.admin.setHook(() => {
      asked += 1;
      if (asked === 1) stopped.push(stop());
      return world.allow();
    });
    const execution = rotateByJob();
    await expect.poll(() => asked, WAIT).toBe(1);
    await Promise.all(stopped);
    expect(execution()?.status).toBe('IN_PROGRESS');
    await start();
    await expect.poll(() => execution()?.status, WAIT).toBe('SUCCEEDED');
    const second = await expectWhole(site);
    expect(second).not.toBe(first);
    expect(active()).toEqual([second]);
    expect(execution()?.statusDetails).toEqual({ stage: 'COMMITTED', certificateId: second });
  },
);

test.for([[{ op: 'dance' }], [{ op: 'update', url: 'https://inklet.app/hub' }], [{ text: 'no op' }]] as const)(
  'a job that says %j is rejected, and the next one is done',
  LIMIT,
  async ([document], { site }) => {
    const execution = site.rotateByJob(document);
    await expect.poll(() => execution()?.status, WAIT).toBe('REJECTED');
    expect(execution()?.statusDetails).toMatchObject({ code: 'job.unknown-op' });
    const next = site.rotateByJob();
    await expect.poll(() => next()?.status, WAIT).toBe('SUCCEEDED');
  },
);
