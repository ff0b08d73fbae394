import { createPrivateKey, randomUUID } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { issueWorkOrder, type WorkOrder } from '../../provisioning/work-order/index.js';
import { ON_BENCH, tagNumber, techTest } from '../support/tech.js';
import { OPERATOR_TOKEN, TechCloud } from '../support/tech-cloud.js';

const HW_ID = '00112233445566778899';
const HOUR_MS = 60 * 60 * 1000;
const BY_ORDER = ['--work-order', 'work-order.txt'];

const test = techTest
  .extend('cloud', async ({ task: _ }, { onCleanup }) => {
    const cloud = new TechCloud();
    await cloud.start();
    onCleanup(() => cloud.stop());
    return cloud;
  })
  .extend('keys', async ({ tech }) => {
    await tech('keygen');
    await tech('keygen', '--for', 'work-orders');
  })
  .extend('order', ({ dir }) => async (change: Partial<WorkOrder>): Promise<void> => {
    const now = Date.now();
    const order: WorkOrder = {
      v: 1,
      id: randomUUID(),
      keyId: 1,
      technician: 'Ada',
      issuedAt: new Date(now - HOUR_MS).toISOString(),
      expiresAt: new Date(now + HOUR_MS).toISOString(),
      hwIds: [HW_ID],
      batches: [],
      may: ['make-tag', 'provision', 'reprovision', 'diagnose'],
      ...change,
    };
    const key = createPrivateKey(await readFile(path.join(dir, 'work-order-key.pem')));
    await writeFile(path.join(dir, 'work-order.txt'), issueWorkOrder(order, key));
  });

test('a work order is issued for a day, shown, and lets its hardware be made', async ({
  bench,
  dir,
  keys: _,
  typed,
}) => {
  const issued = await typed('work-order', 'issue', '--technician', 'Ada', '--hw-id', HW_ID, '--may', 'make-tag');
  expect(issued).toMatchObject({ code: 0, stdout: expect.stringContaining('work order for Ada, signed by key 1\n') });
  expect((await stat(path.join(dir, 'work-order.txt'))).mode & 0o777).toBe(0o600);
  const shown = await typed('work-order', 'show', 'work-order.txt', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({
    ok: true,
    order: { technician: 'Ada', hwIds: [HW_ID], batches: [] },
  });
  bench.place(tagNumber(1));
  const made = await typed(
    'make-tag',
    '--batch',
    '7',
    '--hw-id',
    HW_ID,
    ...BY_ORDER,
    '--technician',
    'Ada',
    ...ON_BENCH,
  );
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining(HW_ID) });
});

const LATER = new Date(Date.now() + 2 * HOUR_MS).toISOString();
const SOON = new Date(Date.now() + 3 * HOUR_MS).toISOString();
const EARLIER = new Date(Date.now() - 3 * HOUR_MS).toISOString();
const OVER = new Date(Date.now() - HOUR_MS).toISOString();

test.for<[string, Partial<WorkOrder>, string]>([
  ['does not list the hardware', { hwIds: ['f'.repeat(20)] }, 'work-order.not-listed'],
  ['lists another batch', { hwIds: [], batches: [{ from: 8, to: 9 }] }, 'work-order.not-listed'],
  ['does not allow it', { may: ['provision'] }, 'work-order.not-allowed'],
  ['is over', { issuedAt: EARLIER, expiresAt: OVER }, 'work-order.expired'],
  ['is for later', { issuedAt: LATER, expiresAt: SOON }, 'work-order.not-yet-valid'],
  ['is somebody else\u2019s', { technician: 'Grace' }, 'work-order.another-technician'],
  ['is signed by an unknown key', { keyId: 2 }, 'work-order.unknown-key'],
])(
  'by a work order that %s no tag is made, and nothing changes',
  async ([, change, code], { bench, dir, keys: _, order, tech }) => {
    await order(change);
    const tag = tagNumber(1);
    bench.place(tag);
    const before = tag.dump();
    const argv = [
      'make-tag',
      '--batch',
      '7',
      '--hw-id',
      HW_ID,
      ...BY_ORDER,
      '--technician',
      'Ada',
      '--json',
      ...ON_BENCH,
    ];
    const refused = await tech(...argv);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, code });
    expect(tag.dump()).toEqual(before);
    expect(await readFile(path.join(dir, 'inklet-journal.jsonl'), 'utf8').catch(() => '')).toBe('');
  },
);

test('a forged or damaged work order is refused', async ({ dir, keys: _, order, tech }) => {
  await order({});
  const file = path.join(dir, 'work-order.txt');
  const [prefix, payload, signature = ''] = (await readFile(file, 'utf8')).split('.');
  const other = signature.startsWith('A') ? 'B' : 'A';
  await writeFile(file, [prefix, payload, `${other}${signature.slice(1)}`].join('.'));
  const forged = await tech('work-order', 'show', 'work-order.txt');
  expect(forged).toMatchObject({ code: 1, stderr: expect.stringContaining('work-order.wrong-signature: ') });
  await writeFile(file, 'inklet-wo1.abc');
  const cut = await tech('work-order', 'show', 'work-order.txt');
  expect(cut).toMatchObject({ code: 1, stderr: expect.stringMatching(/^work-order\.malformed: /) });
});

test('a work order speaks for the technician: a ticket, asked for by the hub\u2019s own tag', async ({
  bench,
  cloud,
  keys: _,
  order,
  tech,
}) => {
  await order({});
  bench.place(tagNumber(1));
  await tech('make-tag', '--batch', '7', '--hw-id', HW_ID, ...ON_BENCH);
  const given = await tech('ticket', '--cloud', cloud.url, ...BY_ORDER, '--json', ...ON_BENCH);
  expect(JSON.parse(given.stdout)).toEqual({ ok: true, hwId: HW_ID, expiresAt: '2026-03-02T10:00:00.000Z' });
  expect(cloud.asked).toEqual(['POST /v1/technician/tickets by WorkOrder']);
  const other = await tech('ticket', '--cloud', cloud.url, ...BY_ORDER, '--hw-id', 'a'.repeat(20));
  expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/^work-order\.not-listed: /) });
  expect(cloud.tickets).toEqual([HW_ID]);
});

test('a token is not sent in the clear, nor to a cloud that was not named', async ({ cloud, dir, tech }) => {
  await writeFile(path.join(dir, 'token'), OPERATOR_TOKEN);
  const flags = ['--operator-token-file', 'token'];
  const clear = await tech('sync', '--cloud', 'http://cloud.example', ...flags);
  expect(clear).toEqual({ code: 2, stdout: '', stderr: 'tech.bad-option: --cloud has to begin with https://\n' });
  expect(await tech('sync', ...flags)).toMatchObject({ code: 2, stderr: 'tech.bad-option: --cloud is needed\n' });
  expect(await tech('sync', '--cloud', cloud.url)).toMatchObject({ code: 2 });
  expect(cloud.asked).toEqual([]);
});

test.for([
  ['of another', { status: 401, code: 'authentication_failed' }, 'cloud.not-allowed'],
  ['under load', { status: 429, code: 'rate_limited' }, 'cloud.unavailable'],
  ['that says no', { status: 409, code: 'invalid_state' }, 'cloud.refused'],
] as const)(
  'the word of a cloud %s is told by its code',
  async ([, failsWith, code], { cloud, keys: _, order, tech }) => {
    await order({});
    cloud.failsWith = failsWith;
    const told = await tech('ticket', '--cloud', cloud.url, ...BY_ORDER, '--hw-id', HW_ID, '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({
      ok: false,
      code,
      message: expect.stringContaining(failsWith.code),
    });
  },
);
