import { mkdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { ask, claimant, create, NAMED, PROVISION } from './test-claimant.js';
import { type Site, test } from './test-site.js';

/** Lets nothing be written to a state file while the work lasts. */
async function whileUnwritable(site: Site, file: string, work: () => Promise<void>): Promise<void> {
  const draft = path.join(site.dir, `${file}.draft`);
  mkdirSync(draft);
  await work();
  rmdirSync(draft);
}

// The device heard a failure, and was attached and active all the same.
test('a registration that could not be written has not happened', async ({ site, core }) => {
  const client = await claimant(site, core);
  const { certificateId, certificateOwnershipToken } = await create(client);
  const body = { certificateOwnershipToken, parameters: NAMED };
  await whileUnwritable(site, 'registry.json', async () => {
    expect(await ask(client, PROVISION, body)).toMatchObject(['/rejected', { statusCode: 500 }]);
    expect(core.admin.things()).toEqual([]);
    expect(core.admin.certificates()).toContainEqual(
      expect.objectContaining({ certificateId, status: 'PENDING_ACTIVATION' }),
    );
  });
  expect(await ask(client, PROVISION, body)).toMatchObject(['/accepted', { thingName: 'inklet-a' }]);
});

// The whole stand-in ended by an uncaught exception.
test('a packet that cannot be dealt with ends its own connection, and no other', async ({ site, core }) => {
  const watcher = await site.join(core, await site.anybody(core), 'watcher');
  await watcher.subscribe('$aws/events/presence/disconnected/inklet-a');
  const client = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a');
  core.admin.faults.arm({ kind: 'certificate-revoked' });
  await whileUnwritable(site, 'registry.json', async () => {
    const heard = await client.publish('inklet/dev/inklet-a/up/state', 'x');
    expect(heard).toMatchObject({ cmd: 'disconnect', reasonCode: 0x80 });
  });
  expect(await watcher.message()).toContain('"disconnectReason":"SERVER_ERROR"');
});

test('a CONNECT that cannot be dealt with ends its own connection, and no other', async ({ site, core }) => {
  const watcher = await site.join(core, await site.anybody(core), 'watcher');
  core.admin.faults.arm({ kind: 'certificate-revoked' });
  const client = await site.dial(core, await site.device(core, 'inklet-a'));
  await whileUnwritable(site, 'registry.json', async () => {
    expect(await client.greet('inklet-a')).toEqual({ cmd: 'closed' });
  });
  expect(await watcher.rest()).toEqual([]);
});

// The same, from a timer.
test('a job whose time is over while nothing can be written ends when something can', async ({ site, core }) => {
  const client = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a', { keepalive: 1_200 });
  core.admin.jobs.create({ jobId: 'one', document: {}, targets: ['inklet-a'] });
  const topic = '$aws/things/inklet-a/jobs/start-next';
  await client.publish(topic, JSON.stringify({ stepTimeoutInMinutes: 1 }));
  await client.message();
  await whileUnwritable(site, 'jobs.json', async () => {
    await site.clock.advance(60_000);
    expect(core.admin.jobs.executions('one')).toMatchObject([{ status: 'IN_PROGRESS' }]);
  });
  await site.clock.advance(60_000);
  expect(core.admin.jobs.executions('one')).toMatchObject([{ status: 'TIMED_OUT' }]);
});
