import { expect } from 'vitest';
import type { FaultInput } from '../../device-sim/iot-core/faults/fault.js';
import { expectMended, expectWhole, LIMIT, MENDED, test, WAIT } from '../support/rotation-site.js';
import type { CommitFault } from '../support/thin-cloud.js';

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

/** One of each kind here; `npm run test:long` has all. */
const SOME = ['the answer of RegisterThing is lost', 'the token is over', 'the answer to the commit is lost'];

test.for(MENDED.filter(([what]) => SOME.includes(what)))(
  'a rotation comes to its end though %s',
  LIMIT,
  async ([, fault], { site }) => expectMended(site, fault),
);

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
