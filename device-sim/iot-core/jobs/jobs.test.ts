import { mkdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { IotCore } from '../iot-core.js';
import type { RawClient } from '../raw-client.js';
import { type Site, test } from '../test-site.js';
import type { JobOrder } from './jobs.js';

const JOBS = '$aws/things/inklet-a/jobs';
const NOW_S = Date.UTC(2026, 0, 1) / 1000;
const DOCUMENT = { op: 'rotate' };

async function hub(site: Site, core: IotCore): Promise<RawClient> {
  return await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a');
}

function order(core: IotCore, ...jobIds: string[]): void {
  for (const jobId of jobIds) core.admin.jobs.create({ jobId, document: DOCUMENT, targets: ['inklet-a'] });
}

/** Asks and returns the end of the answer's topic with its body. */
async function ask(client: RawClient, request: string, body: unknown = {}): Promise<[string, unknown]> {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  expect(await client.publish(`${JOBS}/${request}`, payload)).toMatchObject({ cmd: 'puback', reasonCode: 0 });
  const [topic, answer] = await heard(client);
  return [topic.replace(request, ''), answer];
}

async function heard(client: RawClient): Promise<[string, unknown]> {
  const packet = await client.next();
  if (packet.cmd !== 'publish') return [packet.cmd, undefined];
  return [packet.topic.replace(`${JOBS}/`, ''), JSON.parse(packet.payload.toString())];
}

test('a job is listed, started, told of and finished by a device that has not subscribed', async ({ site, core }) => {
  const client = await hub(site, core);
  order(core, 'one', 'two');
  const queued = { queuedAt: NOW_S, lastUpdatedAt: NOW_S, versionNumber: 1, executionNumber: 1 };
  expect(await ask(client, 'get', { clientToken: 't' })).toEqual([
    '/accepted',
    {
      inProgressJobs: [],
      queuedJobs: [
        { jobId: 'one', ...queued },
        { jobId: 'two', ...queued },
      ],
      timestamp: NOW_S,
      clientToken: 't',
    },
  ]);
  site.clock.jump(3_000);
  const execution = {
    jobId: 'one',
    thingName: 'inklet-a',
    status: 'IN_PROGRESS',
    statusDetails: { step: 'key' },
    queuedAt: NOW_S,
    startedAt: NOW_S + 3,
    lastUpdatedAt: NOW_S + 3,
    versionNumber: 2,
    executionNumber: 1,
    jobDocument: DOCUMENT,
  };
  expect(await ask(client, 'start-next', { statusDetails: { step: 'key' } })).toEqual([
    '/accepted',
    { execution, timestamp: NOW_S + 3 },
  ]);
  // A device that restarted finds its unfinished job as it left it.
  expect(await ask(client, 'start-next', { statusDetails: { step: 'other' } })).toMatchObject([
    '/accepted',
    { execution },
  ]);
  expect(await ask(client, '$next/get', { includeJobDocument: false })).toMatchObject([
    '/accepted',
    { execution: { jobId: 'one', versionNumber: 2 } },
  ]);
  const done = { status: 'SUCCEEDED', expectedVersion: 2, includeJobExecutionState: true, includeJobDocument: true };
  expect(await ask(client, 'one/update', done)).toEqual([
    '/accepted',
    {
      executionState: { status: 'SUCCEEDED', statusDetails: { step: 'key' }, versionNumber: 3 },
      jobDocument: DOCUMENT,
      timestamp: NOW_S + 3,
    },
  ]);
  // The state of the execution is told with two codes, and this is none of them.
  const over = { code: 'TerminalStateReached', message: 'The job execution is SUCCEEDED', timestamp: NOW_S + 3 };
  expect(await ask(client, 'one/get')).toEqual(['/rejected', over]);
  expect(core.admin.jobs.executions('one')).toMatchObject([{ thingName: 'inklet-a', status: 'SUCCEEDED' }]);
  expect(await ask(client, 'two/update', { status: 'REJECTED' })).toEqual(['/accepted', { timestamp: NOW_S + 3 }]);
  expect(await ask(client, 'start-next')).toEqual(['/accepted', { timestamp: NOW_S + 3 }]);
  expect(await ask(client, '$next/get')).toEqual(['/accepted', { timestamp: NOW_S + 3 }]);
});

test('a device is told when its list changes, and when what comes next changes', async ({ site, core }) => {
  const client = await hub(site, core);
  await client.subscribe(`${JOBS}/notify`, `${JOBS}/notify-next`);
  order(core, 'one');
  expect(await heard(client)).toMatchObject(['notify', { jobs: { QUEUED: [{ jobId: 'one' }] } }]);
  expect(await heard(client)).toMatchObject(['notify-next', { execution: { jobId: 'one', jobDocument: DOCUMENT } }]);
  order(core, 'two');
  expect(await heard(client)).toMatchObject(['notify', { jobs: { QUEUED: [{ jobId: 'one' }, { jobId: 'two' }] } }]);
  await ask(client, 'start-next');
  expect(await client.rest()).toEqual([]);
  await ask(client, 'one/update', { status: 'SUCCEEDED' });
  expect(await heard(client)).toMatchObject(['notify', { jobs: { QUEUED: [{ jobId: 'two' }] } }]);
  expect(await heard(client)).toMatchObject(['notify-next', { execution: { jobId: 'two' } }]);
  core.admin.jobs.cancel('two');
  expect(await heard(client)).toEqual(['notify', { timestamp: NOW_S, jobs: {} }]);
  expect(await heard(client)).toEqual(['notify-next', { timestamp: NOW_S }]);
  order(core, ...Array.from({ length: 11 }, (_, n) => `many-${n}`));
  const last = (await client.rest()).at(-1);
  const jobs = last?.cmd === 'publish' ? JSON.parse(last.payload.toString()).jobs : undefined;
  expect(jobs.QUEUED).toHaveLength(10);
});

test('what runs comes before what waits', async ({ site, core }) => {
  const client = await hub(site, core);
  order(core, 'one', 'two');
  await ask(client, 'two/update', { status: 'IN_PROGRESS' });
  expect(await ask(client, '$next/get')).toMatchObject(['/accepted', { execution: { jobId: 'two' } }]);
  expect(await ask(client, 'start-next')).toMatchObject(['/accepted', { execution: { jobId: 'two' } }]);
});

test.for([
  ['get', Buffer.from([0xff]), 'InvalidJson'],
  ['one/update', '{', 'InvalidJson'],
  ['one/update', '3', 'InvalidJson'],
  ['one/update', { clientToken: 'x'.repeat(65) }, 'InvalidRequest'],
  ['one/update', {}, 'InvalidRequest'],
  ['one/update', { status: 'DONE' }, 'InvalidRequest'],
  ['one/update', { status: 'IN_PROGRESS', statusDetails: { a: 1 } }, 'InvalidRequest'],
  ['one/update', { status: 'IN_PROGRESS', statusDetails: { 'ä b': 'x' } }, 'InvalidRequest'],
  ['one/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 0 }, 'InvalidRequest'],
  ['one/update', { status: 'CANCELED' }, 'InvalidStateTransition'],
  ['one/update', { status: 'SUCCEEDED', expectedVersion: 9 }, 'VersionMismatch'],
  ['one/update', { status: 'SUCCEEDED', executionNumber: 9 }, 'ResourceNotFound'],
  ['three/update', { status: 'SUCCEEDED' }, 'ResourceNotFound'],
  ['three/get', {}, 'ResourceNotFound'],
  ['one/list', {}, 'InvalidTopic'],
  ['$next/update', { status: 'SUCCEEDED' }, 'InvalidTopic'],
] as const)('%s with %j is rejected as %s', async ([request, body, code], { site, core }) => {
  const client = await hub(site, core);
  order(core, 'one');
  const answer = await ask(client, request, body);
  expect(answer).toMatchObject(['/rejected', { code, message: expect.stringMatching(/./), timestamp: NOW_S }]);
  const withState = ['InvalidStateTransition', 'VersionMismatch'].includes(code);
  expect(answer[1]).toEqual(
    withState
      ? expect.objectContaining({ executionState: { status: 'QUEUED', versionNumber: 1 } })
      : expect.not.objectContaining({ executionState: expect.anything() }),
  );
  expect(core.admin.jobs.executions('one')).toMatchObject([{ status: 'QUEUED', versionNumber: 1 }]);
});

test('a job that is over stays so', async ({ site, core }) => {
  const client = await hub(site, core);
  order(core, 'one');
  await ask(client, 'one/update', { status: 'FAILED', statusDetails: { why: 'flat' } });
  expect(await ask(client, 'one/update', { status: 'SUCCEEDED', clientToken: 't' })).toMatchObject([
    '/rejected',
    {
      code: 'InvalidStateTransition',
      clientToken: 't',
      executionState: { status: 'FAILED', statusDetails: { why: 'flat' }, versionNumber: 2 },
    },
  ]);
});

test('a step that is not renewed in time is over, after a restart too', async ({ site }) => {
  const first = await site.start();
  const client = await hub(site, first);
  order(first, 'one', 'two');
  await ask(client, 'start-next', { stepTimeoutInMinutes: 10 });
  await site.clock.advance(60_000);
  await ask(client, 'one/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 10 });
  await site.clock.advance(9 * 60_000);
  expect(first.admin.jobs.executions('one')).toMatchObject([{ status: 'IN_PROGRESS' }]);
  await first.stop();
  const second = await site.start();
  await site.clock.advance(60_000);
  expect(second.admin.jobs.executions('one')).toMatchObject([{ status: 'TIMED_OUT' }]);
  expect(second.admin.jobs.executions('two')).toMatchObject([{ status: 'QUEUED' }]);
});

test('cancelling leaves what runs alone unless it is forced', async ({ site, core }) => {
  const client = await hub(site, core);
  order(core, 'one');
  await ask(client, 'start-next');
  core.admin.jobs.cancel('one');
  expect(core.admin.jobs.executions('one')).toMatchObject([{ status: 'IN_PROGRESS' }]);
  core.admin.jobs.cancel('one', { force: true });
  expect(core.admin.jobs.executions('one')).toMatchObject([{ status: 'CANCELED' }]);
  expect(core.admin.jobs.list()).toMatchObject([{ jobId: 'one', isCanceled: true }]);
  expect(() => core.admin.jobs.cancel('none')).toThrow(expect.objectContaining({ code: 'iot.not-found' }));
});

test('jobs that cannot be made are refused', async ({ site, core }) => {
  await site.device(core, 'inklet-a');
  order(core, 'one');
  const targets = ['inklet-a'];
  const wrongs: JobOrder[] = [
    { jobId: 'a b', document: {}, targets },
    { jobId: 'x'.repeat(65), document: {}, targets },
    { jobId: 'one', document: {}, targets },
    { jobId: 'big', document: { a: 'x'.repeat(32 * 1024) }, targets },
    { jobId: 'far', document: {}, targets: ['inklet-z'] },
  ];
  for (const wrong of wrongs) {
    expect(() => core.admin.jobs.create(wrong)).toThrow(expect.objectContaining({ code: 'iot.job-refused' }));
  }
  expect(core.admin.jobs.list()).toHaveLength(1);
});

test('a throttled request, a thing that nobody knows and a full disk are told in the words of Jobs', async ({
  site,
  core,
}) => {
  const client = await site.join(core, await site.anybody(core), 'c');
  expect(await ask(client, 'get')).toMatchObject(['/rejected', { code: 'ResourceNotFound' }]);
  await site.device(core, 'inklet-a');
  order(core, 'one');
  core.admin.faults.arm({ kind: 'throttled', operation: 'Jobs' });
  expect(await ask(client, 'get')).toMatchObject(['/rejected', { code: 'RequestThrottled' }]);
  mkdirSync(path.join(site.dir, 'jobs.json.draft'));
  expect(await ask(client, 'start-next')).toMatchObject(['/rejected', { code: 'InternalError' }]);
  rmdirSync(path.join(site.dir, 'jobs.json.draft'));
  expect(await ask(client, 'start-next')).toMatchObject(['/accepted', { execution: { versionNumber: 2 } }]);
});
