import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { OPERATOR_TOKEN, TestCloud } from '../support/cloud.js';
import { testEngines } from '../support/cloud-databases.js';
import { ON_BENCH, tagNumber, techHere, techTest } from '../support/tech.js';
import { WORK_ORDERS } from '../support/work-orders.js';

const HW_ID = '00112233445566778899';
const OPERATOR = ['--operator-token-file', 'operator-token'];
const BY_ORDER = ['--work-order', 'work-order.txt'];

/** The cloud itself, and a technician whose clock stands where its clock does. */
const test = techTest
  .extend('cloud', async ({ dir }, { onCleanup }) => {
    const [engine] = testEngines();
    if (engine === undefined) throw new TypeError('there is always PGlite');
    const cloud = await TestCloud.start(engine);
    onCleanup(() => cloud.close());
    await cloud.listen();
    await writeFile(path.join(dir, 'operator-token'), OPERATOR_TOKEN);
    await writeFile(path.join(dir, 'work-order-keys.json'), JSON.stringify(WORK_ORDERS.allowList));
    return cloud;
  })
  .extend('here', ({ cloud, dir }) => async (command: string, ...flags: string[]) => {
    const isOffline = ['keygen', 'make-tag'].includes(command);
    const at = isOffline ? [] : ['--cloud', cloud.context.settings.publicUrl];
    return await techHere({ dir, now: () => cloud.clock.now() }, command, ...flags, ...at, '--json');
  })
  .extend('order', ({ cloud, dir }) => async (change: Parameters<typeof WORK_ORDERS.issue>[1]) => {
    await writeFile(path.join(dir, 'work-order.txt'), WORK_ORDERS.issue(cloud.clock.nowMs, change));
  });

const stepsIn = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ step, code }) => `${step} ${code}`);
const lastOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');

test('what was made offline is synced by a work order, as far as that goes', async ({ bench, cloud, here, order }) => {
  await here('keygen');
  for (const [at, batch] of [3, 4].entries()) {
    bench.place(tagNumber(at + 1));
    await here('make-tag', '--batch', String(batch), ...ON_BENCH);
  }
  await order({ batches: [{ from: 3, to: 3 }], may: ['provision'] });
  const partly = await here('sync', ...BY_ORDER);
  expect({ code: partly.code, last: lastOf(partly.stdout) }).toEqual({
    code: 3,
    last: { ok: false, registered: 1, refused: 1 },
  });
  expect(partly.stderr).toMatch(/^work-order\.not-listed: /);
  const whole = await here('sync', ...OPERATOR);
  expect({ code: whole.code, last: lastOf(whole.stdout) }).toEqual({
    code: 0,
    last: { ok: true, registered: 1, refused: 0 },
  });
  expect(cloud.logged.join('')).not.toContain(OPERATOR_TOKEN);
});

test('of hardware that the cloud knows, it says how far it has come; of other hardware, that it does not', async ({
  cloud,
  here,
  order,
}) => {
  const hub = await cloud.provision();
  const known = await here('diagnose', '--no-tag', '--hw-id', hub.hwId, ...OPERATOR);
  expect(stepsIn(known.stdout)).toEqual(
    expect.arrayContaining(['cloud ok', 'registry ok', 'decision ok', 'certificate ok', 'last-seen hub.never-seen']),
  );
  // The HTTP server of the cloud has the time of this machine, and not of the test.
  expect(lastOf(known.stdout).cause).toMatchObject({ step: 'clock', code: 'clock.wrong' });
  await order({ hwIds: [HW_ID] });
  const other = await here('diagnose', '--no-tag', '--hw-id', HW_ID, ...BY_ORDER);
  expect(stepsIn(other.stdout)).toContain('registry registry.unknown');
});

test('a ticket for a hub at work is had by a work order of today alone', async ({ cloud, here, order }) => {
  const { hwId } = await cloud.provision();
  await order({ hwIds: [hwId], may: ['reprovision'] });
  const given = await here('ticket', ...BY_ORDER, '--hw-id', hwId);
  expect(given).toMatchObject({ code: 0, stderr: '' });
  expect(lastOf(given.stdout)).toMatchObject({ ok: true, hwId });
  await order({ hwIds: [hwId], may: ['diagnose'] });
  expect(await here('ticket', ...BY_ORDER, '--hw-id', hwId)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^work-order\.not-allowed: /),
  });
});

test('a box is provisioned until the cloud has each certificate', async ({ bench, cloud, here }) => {
  await here('keygen');
  bench.place(tagNumber(1));
  const flags = ['--count', '1', '--batch', '7', '--wait', '0', ...OPERATOR];
  const done = await here('provision', ...flags, '--hardware-socket', 'reader.sock');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(lastOf(done.stdout)).toMatchObject({ ok: true, tagged: 1, registered: 1, queued: 0 });
  const wrong = await here('sync', '--operator-token-file', 'signer-keys.json');
  expect(wrong).toMatchObject({ code: 2, stderr: 'tech.bad-option: --operator-token-file does not hold one token\n' });
  expect(cloud.logged.join('')).not.toMatch(/"level":(50|60)/);
});
