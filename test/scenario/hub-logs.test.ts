import { v7 } from 'uuid';
import { expect } from 'vitest';
import { test as base } from '../support/hub-world.js';
import { ThinCloud } from '../support/thin-cloud.js';

const WAIT = { timeout: 30_000, interval: 50 };
const NAMES = { title: 'Geheimnis', text: 'The key lies under the third stone', household: 'The Larks of Elm Street' };
const CODE = { code: 'BCDF-GHJK', url: 'https://inklet.app/bind#code=BCDF-GHJK', word: 'otter' };

const test = base.extend('cloud', async ({ world }, { onCleanup }) => {
  const cloud = await ThinCloud.start(world.iotCore);
  onCleanup(() => cloud.stop());
  return cloud;
});

test('no line of the log holds what a household says, nor what opens a door', { timeout: 90_000 }, async ({
  world,
  cloud,
  startHub,
  logged,
}) => {
  const tag = await world.signedTag();
  world.reader.place(tag);
  const hub = await startHub({ INKLET_CLOUD_URL: cloud.url, INKLET_SYNC_INTERVAL_S: '1', INKLET_LOG_LEVEL: 'trace' });
  await expect.poll(async () => (await hub.status()).link.connected, WAIT).toBe(true);
  const displayId = await hub.displayId();
  const page = {
    title: NAMES.title,
    text: NAMES.text,
    align: 'start',
    qr: 'https://secret.example',
    pictures: [],
    fit: 'fit',
  };
  const show = (more: object) => ({
    ...{ displayId, presentationId: v7(), askedAt: new Date().toISOString() },
    page: { ...page, ...more },
  });
  const broken = Buffer.from('no picture');
  await hub.show(NAMES.text);
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  const frame = `frame:${displayId}`;
  cloud.send('claim', 'claim_code', { requestId: v7(), ...CODE, expiresAt });
  cloud.send(frame, 'text', show({}));
  cloud.send('config', 'config', { displayNames: { [displayId]: NAMES.household } });
  cloud.send(frame, 'text', { ...show({}), page: { ...page, align: NAMES.text } });
  cloud.send(frame, 'text', show({ qr: NAMES.text.repeat(25) }));
  cloud.send('dance', 'dance', { to: NAMES.text });
  cloud.send('claim', 'bound', { householdId: v7(), householdName: NAMES.household });
  await hub.post(displayId, { text: 7, title: NAMES.text });
  await hub.post(displayId, { qr: NAMES.text.repeat(25) });
  await fetch(`${hub.url}/displays/${displayId}/contents`, { method: 'POST', body: broken });
  await expect.poll(async () => (await hub.status()).household?.householdName, WAIT).toBe(NAMES.household);
  await expect.poll(() => cloud.told.filter((event) => event.includes('"cmd.result"')).length, WAIT).toBe(7);
  await expect.poll(async () => (await hub.status()).sync.queueDepth, WAIT).toBe(0);

  const log = logged.join('');
  // The log is not empty, and the secrets are what was used.
  expect(log).toContain('frame shown');
  expect(cloud.tokens.size).toBeGreaterThan(0);
  const secrets = [...Object.values(NAMES), ...Object.values(CODE), 'secret.example', 'PRIVATE KEY', ...cloud.tokens];
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  // Nor does the cloud hear texts again in events: they may outlive the household's stay.
  const told = cloud.told.join('');
  expect(Object.values(NAMES).filter((name) => told.includes(name))).toEqual([]);
});
