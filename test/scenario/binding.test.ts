import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Household } from '../../device-sim/index.js';
import { test } from '../support/household.js';
import { HubAt } from '../support/hub-world.js';
import { CloudPerson, codeOnGlass, householdOfHub, until } from '../support/people.js';

const LIMIT_MS = 120_000;
const SECRET = 'Gran has her birthday on Sunday';

/** The files of the hub in which a text stands; its log is not its data. */
function filesWith({ world }: Household, text: string): string[] {
  const dir = path.join(path.dirname(world.iotCore.caFile), '..', 'hub');
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .filter((file) => contentOf(file).includes(text));
}

/** The hub at work removes files at any time. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Sends a form of the hub's page as a browser without JavaScript would. */
async function post(household: Household, to: string, form: Record<string, string> = {}): Promise<string> {
  const body = new URLSearchParams(form);
  return (await fetch(`${household.address.hubUrl}${to}`, { method: 'POST', body })).text();
}

test('a hub changes hands by its glass, and comes to a household of its own while the cloud is away', {
  timeout: LIMIT_MS,
}, async ({ household, displayId, signal }) => {
  const { cloudUrl, hubUrl } = household.address;
  const hub = new HubAt(hubUrl);
  const owner = await CloudPerson.logIn(cloudUrl, household.address);
  const [hubId = ''] = await owner.hubs();
  // The glass says whose it is before it shows anything else.
  await until(
    signal,
    () => householdOfHub(household),
    (name) => name === 'The household in a box',
  );
  const shown = await hub.show(SECRET);
  expect(filesWith(household, SECRET)).not.toEqual([]);

  // Offered, taken back, offered again and taken by the code on the glass.
  await owner.call('POST', `/api/v1/hubs/${hubId}/transfer`);
  const first = await codeOnGlass(household, signal, { madeBy: 'cloud' });
  expect(await householdOfHub(household)).toBe('The household in a box');
  await owner.call('DELETE', `/api/v1/hubs/${hubId}/transfer`);
  await until(
    signal,
    async () => household.world.wall.sha256,
    (sha256) => sha256 === shown,
  );
  await owner.call('POST', `/api/v1/hubs/${hubId}/transfer`);
  const other = await CloudPerson.signUp(cloudUrl, 'The Wrens');
  await other.claim(await codeOnGlass(household, signal, { madeBy: 'cloud', seen: [first] }));
  await until(
    signal,
    () => householdOfHub(household),
    (name) => name === 'The Wrens',
  );
  expect(await owner.hubs()).toEqual([]);
  expect(await other.hubs()).toEqual([hubId]);
  await until(
    signal,
    async () => filesWith(household, SECRET),
    (files) => files.length === 0,
  );

  // Let go; then the internet is cut, and the home goes on without it.
  await other.call('DELETE', `/api/v1/hubs/${hubId}`);
  await until(
    signal,
    () => householdOfHub(household),
    (name) => name === undefined,
  );
  household.cutLink();
  await until(
    signal,
    async () => (await hub.status()).link.connected,
    (connected) => !connected,
  );
  await post(household, '/bind/code');
  const code = await codeOnGlass(household, signal, { madeBy: 'hub' });
  const compare = await post(household, '/bind/claims', { code, householdName: 'The Larks' });
  const claimId = /name="claimId" value="([^"]+)"/.exec(compare)?.[1] ?? '';
  const receipt = /#receipt=([\w-]+)"/.exec(await post(household, '/bind/confirm', { claimId }))?.[1] ?? '';
  expect(await householdOfHub(household)).toBe('The Larks');
  const kept = await hub.show('Shown at home');

  // The cloud is back: the account takes the hub up by the receipt, and its glass comes back as it was.
  household.mendLink();
  const larks = await CloudPerson.signUp(cloudUrl, 'The Larks of the account');
  const adopt = () => larks.call('POST', '/api/v1/claims/receipt', { receipt });
  await until(
    signal,
    async () => (await hub.status()).link.connected,
    (connected) => connected,
  );
  await until(
    signal,
    async () => (await hub.status()).sync.queueDepth,
    (depth) => depth === 0,
  );
  expect((await adopt()).status).toBe(200);
  await until(
    signal,
    () => householdOfHub(household),
    (name) => name === 'The Larks of the account',
  );
  expect(await larks.hubs()).toEqual([hubId]);
  const glass = await fetch(`${hubUrl}/api/displays/${displayId}/glass.png`);
  expect(glass.headers.get('etag')).not.toBe(null);
  expect(filesWith(household, 'Shown at home')).not.toEqual([]);
  expect(kept).toMatch(/^[0-9a-f]{64}$/);
});
