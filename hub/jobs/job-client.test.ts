import { expect } from 'vitest';
import type { RotationOutcome } from '../../provisioning/index.js';
import { test as base, SILENT, StillClock, settle } from '../../test/support/hub-site.js';
import { type JobsAnswer, ScriptedJobs } from '../../test/support/scripted-jobs.js';
import { JobClient } from './job-client.js';

const THING = 'inklet-aaaaaaaaaaaaaaaa';
const ROTATED = { reason: 'job', atMs: 0, isTold: false, certificateId: 'a'.repeat(64) } as const;
const GOOD: RotationOutcome = { ok: true, rotated: { ...ROTATED, replacedCertificateId: 'b'.repeat(64) } };
const DONE = { stage: 'COMMITTED', certificateId: 'a'.repeat(64) };
const SUCCEEDED = { status: 'SUCCEEDED', statusDetails: DONE };

const accepted = (body: object = {}): JobsAnswer => ({ kind: 'accepted', body });
const rejected = (code: string, executionState?: object): JobsAnswer => ({
  kind: 'rejected',
  body: { code, message: 'no', executionState },
});
const job = (jobId: string, jobDocument: unknown = { op: 'rotate' }): JobsAnswer =>
  accepted({ execution: { jobId, executionNumber: 1, versionNumber: 2, status: 'IN_PROGRESS', jobDocument } });

const test = base.extend('hub', async ({ task: _ }, { onCleanup }) => {
  const jobs = new ScriptedJobs(THING);
  const clock = new StillClock();
  const orders: string[] = [];
  const rotation: { outcome: Promise<RotationOutcome>; stages: string[] } = {
    outcome: Promise.resolve(GOOD),
    stages: [],
  };
  let tokens = 0;
  const client = new JobClient({
    thingName: THING,
    link: jobs,
    rotator: {
      request: ({ orderId = '' }, hears) => {
        orders.push(orderId);
        for (const stage of ['NEXT_KEY_MADE', 'NEXT_VERIFIED'] as const)
          if (rotation.stages.includes(stage)) hears?.(stage);
        return rotation.outcome;
      },
    },
    newId: () => {
      tokens += 1;
      return `token ${tokens}`;
    },
    clock,
    random: () => 0.5,
    log: SILENT,
  });
  client.start();
  onCleanup(() => client.stop());
  const run = async (...answers: JobsAnswer[]) => {
    jobs.answers = answers;
    jobs.connect();
    await settle();
  };
  return { jobs, clock, orders, rotation, run };
});

test('a job is begun, carried out and ended by the version that it has, and the next one is asked for', async ({
  hub,
}) => {
  await hub.run(job('one'), accepted(), job('two'), accepted());
  expect(hub.orders).toEqual(['job:one:1', 'job:two:1']);
  const end = { ...SUCCEEDED, expectedVersion: 2 };
  expect(hub.jobs.asked).toEqual([
    { topic: 'start-next', body: {} },
    { topic: 'one/update', body: end },
    { topic: 'start-next', body: {} },
    { topic: 'two/update', body: end },
    { topic: 'start-next', body: {} },
  ]);
});

test('a notice of another job is followed, whatever it says', async ({ hub }) => {
  await hub.run();
  hub.jobs.answers = [job('one'), accepted()];
  await hub.jobs.notify();
  await settle();
  expect(hub.orders).toEqual(['job:one:1']);
});

test('how far it is is told by the way, and counts in the version', async ({ hub }) => {
  hub.rotation.stages = ['NEXT_KEY_MADE', 'NEXT_VERIFIED'];
  hub.rotation.outcome = settle().then(() => GOOD);
  const told = (versionNumber: number) => accepted({ executionState: { status: 'IN_PROGRESS', versionNumber } });
  await hub.run(job('one'), told(3), told(4), accepted());
  await settle();
  expect(hub.jobs.asked.slice(1, 4)).toMatchObject([
    { body: { status: 'IN_PROGRESS', statusDetails: { stage: 'NEXT_KEY_MADE' }, expectedVersion: 2 } },
    { body: { status: 'IN_PROGRESS', statusDetails: { stage: 'NEXT_VERIFIED' }, expectedVersion: 3 } },
    { body: { ...SUCCEEDED, expectedVersion: 4 } },
  ]);
});

test('an end that another version met is said again by that version', async ({ hub }) => {
  await hub.run(job('one'), rejected('VersionMismatch', { status: 'IN_PROGRESS', versionNumber: 7 }), accepted());
  expect(hub.jobs.asked.slice(1, 3)).toMatchObject([
    { body: { expectedVersion: 2 } },
    { topic: 'one/update', body: { ...SUCCEEDED, expectedVersion: 7 } },
  ]);
});

test('an end that AWS never stops to count past is let go', async ({ hub }) => {
  const mismatch = rejected('VersionMismatch', { status: 'IN_PROGRESS', versionNumber: 7 });
  await hub.run(job('one'), mismatch, mismatch, mismatch, mismatch);
  expect(hub.jobs.asked.filter(({ topic }) => topic === 'one/update')).toHaveLength(4);
  expect(hub.jobs.asked.at(-1)?.topic).toBe('start-next');
});

test.for(['InvalidStateTransition', 'ResourceNotFound', 'TerminalStateReached'])(
  'an end that comes too late (%s) is let go',
  async (code, { hub }) => {
    await hub.run(job('one'), rejected(code, { status: 'CANCELED', versionNumber: 9 }));
    expect(hub.jobs.asked.map(({ topic }) => topic)).toEqual(['start-next', 'one/update', 'start-next']);
  },
);

test('an end whose answer is lost is said again, and the job is not done again', async ({ hub }) => {
  await hub.run(job('one'), 'nothing');
  hub.jobs.answers = [job('one'), rejected('InvalidStateTransition', { status: 'SUCCEEDED', versionNumber: 3 })];
  hub.clock.advance(30_000);
  await settle();
  hub.clock.advance(1_000);
  await settle();
  expect(hub.orders).toEqual(['job:one:1']);
  expect(hub.jobs.asked.map(({ topic }) => topic)).toEqual([
    ...['start-next', 'one/update'],
    ...['start-next', 'one/update', 'start-next'],
  ]);
});

test('while AWS throttles it waits, and asks again', async ({ hub }) => {
  await hub.run(job('one'), rejected('RequestThrottled'));
  expect(hub.jobs.asked).toHaveLength(2);
  hub.jobs.answers = [job('one'), accepted()];
  hub.clock.advance(1_000);
  await settle();
  expect(hub.jobs.asked.map(({ topic }) => topic).slice(2)).toEqual(['start-next', 'one/update', 'start-next']);
});

// A job lay until the next connection, for the question for it had come at a busy moment.
test.for(['RequestThrottled', 'InternalError'])(
  'and so it does when nothing is begun yet (%s)',
  async (code, { hub }) => {
    await hub.run(rejected(code), rejected(code));
    expect(hub.jobs.asked).toHaveLength(1);
    hub.clock.advance(1_000);
    await settle();
    expect(hub.jobs.asked).toHaveLength(2);
    hub.jobs.answers = [job('one'), accepted()];
    hub.clock.advance(2_000);
    await settle();
    expect(hub.orders).toEqual(['job:one:1']);
  },
);

test('a question that AWS does not take is not asked again', async ({ hub }) => {
  await hub.run(rejected('InvalidRequest'));
  hub.clock.advance(600_000);
  await settle();
  expect(hub.jobs.asked).toHaveLength(1);
});

test.for([[{ op: 'dance' }], [{}], ['rotate'], [null], [{ op: 7 }]])(
  'a document that says %j is rejected',
  async ([document], { hub }) => {
    await hub.run(job('one', document), accepted());
    expect(hub.orders).toEqual([]);
    const details = expect.objectContaining({ code: 'job.unknown-op' });
    expect(hub.jobs.asked[1]?.body).toMatchObject({ status: 'REJECTED', statusDetails: details });
  },
);

test('an answer that is none leaves it alive', async ({ hub }) => {
  await hub.run(accepted({ execution: { jobId: '../../x' } }));
  hub.clock.advance(1_000);
  hub.jobs.answers = [job('one'), accepted()];
  await settle();
  expect(hub.orders).toEqual(['job:one:1']);
});
