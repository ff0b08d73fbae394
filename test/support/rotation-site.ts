import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { IotCoreAdmin } from '../../device-sim/iot-core/admin.js';
import type { FaultInput } from '../../device-sim/iot-core/faults/fault.js';
import { KeyStore, thingNameFor } from '../../provisioning/index.js';
import { hastyClock } from './hasty-clock.js';
import { test as base, HubAt } from './hub-world.js';
import { startInProcess } from './in-process-hub.js';
import { type CommitFault, ThinCloud } from './thin-cloud.js';

export const WAIT = { timeout: 45_000, interval: 50 };
export const LIMIT = { timeout: 60_000 };
/** Half a minute without an answer passes in three seconds. */
const SPEED = 10;

/** A hub that has its certificate and is connected, beside a cloud of a few lines. */
export const test = base
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

type RotationSite = Site & {
  admin: Pick<IotCoreAdmin, 'faults'>;
  first: string;
  rotateByJob: () => () => { status: string } | undefined;
};

/** What a rotation is judged by. */
type Site = {
  keyStore: KeyStore;
  dir: string;
  cloud: ThinCloud;
  connectedBy: () => string | undefined;
  active: () => string[];
};

/** The hub works by one certificate that is good everywhere, and nothing else is left of another. */
export async function expectWhole({ keyStore, dir, connectedBy, active, cloud }: Site): Promise<string> {
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

/** What goes wrong in the middle of a rotation that comes to its end all the same. */
export const MENDED: readonly (readonly [string, FaultInput | CommitFault])[] = [
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

/** Lets one thing go wrong in a rotation, and sees that it comes to its end. */
export async function expectMended(site: RotationSite, fault: FaultInput | CommitFault): Promise<void> {
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
}
