import { expect } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../hardware/index.js';
import { test } from '../support/household.js';

/** BUSY_N of the panel: low is busy. */
const BUSY = 0;
const LIMIT_MS = 120_000;
const POLL_MS = 20;

const StateSchema = z.object({ items: z.array(z.object({ id: z.string(), state: z.string() })) });

test('a hub killed between received and painted shows the text after its restart', { timeout: LIMIT_MS }, async ({
  household,
  api,
  displayId,
  signal,
}) => {
  const { cloudUrl, pat } = household.address;
  const pending = async () => {
    const url = `${cloudUrl}/api/sdk/v1/presentations?scope=display&displayId=${displayId}&state=published`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${pat}` }, signal });
    return StateSchema.parse(await response.json()).items;
  };
  await api.send({ text: 'Before the plug was pulled' }, displayId, signal);
  const before = household.world.wall.sha256;
  household.world.panel.holdBusy(BUSY);
  const sending = api.send({ text: 'Still here after the plug was pulled' }, displayId, signal);
  while ((await pending()).length === 0) await systemClock.sleep(POLL_MS, signal);
  await household.hub.kill();
  expect(household.world.wall.sha256).toBe(before);

  household.world.panel.holdBusy(undefined);
  await household.hub.start();
  const sent = await sending;
  expect(sent.state).toBe('confirmed');
  expect(household.world.wall.sha256).toBe(sent.frameSha256);
});
