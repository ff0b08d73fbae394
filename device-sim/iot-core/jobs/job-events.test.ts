import { expect } from 'vitest';
import type { IotCore } from '../iot-core.js';
import type { RawClient } from '../raw-client.js';
import { type Site, test } from '../test-site.js';

const NOW_S = Date.UTC(2026, 0, 1) / 1000;

const arnOf = (thingName: string) => expect.stringMatching(new RegExp(`^arn:aws:iot:.*:thing/${thingName}$`));

async function watcher(site: Site, core: IotCore): Promise<RawClient> {
  const client = await site.join(core, await site.anybody(core), 'watcher', { keepalive: 1_200 });
  await client.subscribe('$aws/events/job/#', '$aws/events/jobExecution/#');
  for (const thingName of ['inklet-a', 'inklet-b']) await site.device(core, thingName);
  core.admin.jobs.create({ jobId: 'one', document: {}, targets: ['inklet-a', 'inklet-b'] });
  return client;
}

const EVENTS = '$aws/events/';

/** What was told up to now, beside the answers to what the watcher reported: topic below `$aws/events/` and body. */
async function told(client: RawClient): Promise<[string, unknown][]> {
  return (await client.rest()).flatMap((heard) =>
    heard.cmd === 'publish' && heard.topic.startsWith(EVENTS)
      ? [[heard.topic.slice(EVENTS.length), JSON.parse(heard.payload.toString())]]
      : [],
  );
}

async function report(client: RawClient, thingName: string, status: string): Promise<void> {
  const body = { status, statusDetails: { step: 'last' } };
  await client.publish(`$aws/things/${thingName}/jobs/one/update`, JSON.stringify(body));
}

test('what became of a job is told for each thing, and once all are done', async ({ site }) => {
  const core = await site.start({ jobEvents: true });
  const client = await watcher(site, core);
  await report(client, 'inklet-a', 'IN_PROGRESS');
  expect((await told(client)).map(([topic]) => topic)).toEqual([]);
  await report(client, 'inklet-a', 'SUCCEEDED');
  const head = { eventId: expect.stringMatching(/^[0-9a-f]{32}$/), timestamp: NOW_S, jobId: 'one' };
  const execution = { ...head, eventType: 'JOB_EXECUTION', statusDetails: { step: 'last' } };
  const succeeded = { ...execution, operation: 'succeeded', status: 'SUCCEEDED', thingArn: arnOf('inklet-a') };
  expect(await told(client)).toEqual([['jobExecution/one/succeeded', succeeded]]);
  await report(client, 'inklet-b', 'FAILED');
  const failed = { ...execution, operation: 'failed', status: 'FAILED', thingArn: arnOf('inklet-b') };
  const completed = {
    ...head,
    ...{ eventType: 'JOB', operation: 'completed', status: 'COMPLETED', targetSelection: 'SNAPSHOT' },
    ...{ createdAt: NOW_S, lastUpdatedAt: NOW_S, completedAt: NOW_S, targets: [arnOf('inklet-a'), arnOf('inklet-b')] },
    jobProcessDetails: {
      ...{ numberOfSucceededThings: 1, numberOfFailedThings: 1, numberOfTimedOutThings: 0 },
      ...{ numberOfCanceledThings: 0, numberOfRejectedThings: 0, numberOfRemovedThings: 0 },
    },
  };
  expect(await told(client)).toEqual([
    ['jobExecution/one/failed', failed],
    ['job/one/completed', completed],
  ]);
});

test('a job that is called off is told of in its steps, and ends with what still runs', async ({ site }) => {
  const core = await site.start({ jobEvents: true });
  const client = await watcher(site, core);
  const start = { stepTimeoutInMinutes: 1 };
  await client.publish('$aws/things/inklet-a/jobs/start-next', JSON.stringify(start));
  await client.rest();
  core.admin.jobs.cancel('one');
  expect((await told(client)).map(([topic]) => topic)).toEqual([
    'job/one/cancellation_in_progress',
    'jobExecution/one/canceled',
  ]);
  await site.clock.advance(60_000);
  expect((await told(client)).map(([topic]) => topic)).toEqual(['jobExecution/one/timed_out', 'job/one/canceled']);
});

test('nothing is told of jobs until that is asked for', async ({ site, core }) => {
  const client = await watcher(site, core);
  await report(client, 'inklet-a', 'SUCCEEDED');
  expect(await told(client)).toEqual([]);
  core.admin.setJobEvents(true);
  await report(client, 'inklet-b', 'REJECTED');
  expect((await told(client)).map(([topic]) => topic)).toEqual(['jobExecution/one/rejected', 'job/one/completed']);
});
