import { expect } from 'vitest';
import { HubStatusSchema } from '../../hub/api/status.js';
import { test } from '../support/household.js';

const WAIT = { timeout: 60_000, interval: 100 };

test('in a whole household a job rotates, the cloud retires the old certificate, and messages go on', {
  timeout: 120_000,
}, async ({ household, api, displayId, signal }) => {
  const { address, world } = household;
  const { admin } = world.iotCore;
  const connectedBy = () =>
    admin.clients().find(({ clientId }) => clientId === address.thingName)?.certificateId ?? 'nothing';
  const statusOf = (id: string) => admin.certificates().find(({ certificateId }) => certificateId === id)?.status;
  await expect.poll(connectedBy, WAIT).not.toBe('nothing');
  const first = connectedBy();
  admin.jobs.create({ jobId: 'rotate-1', document: { op: 'rotate' }, targets: [address.thingName] });
  const execution = () => admin.jobs.executions('rotate-1')[0];
  await expect.poll(() => execution()?.status, WAIT).toBe('SUCCEEDED');
  const second = connectedBy();
  expect(second).not.toBe(first);
  expect(execution()?.statusDetails).toEqual({ stage: 'COMMITTED', certificateId: second });
  await expect.poll(() => statusOf(first), WAIT).toBe('INACTIVE');
  expect(statusOf(second)).toBe('ACTIVE');
  const sent = await api.send({ text: 'Same hub, other key' }, displayId, signal);
  expect(sent).toMatchObject({ state: 'confirmed' });
  const status = HubStatusSchema.parse(await (await fetch(`${address.hubUrl}/api/status`)).json());
  expect(status.certificate).toMatchObject({ id: second.slice(0, 12), lastRotation: { reason: 'job' } });
});
