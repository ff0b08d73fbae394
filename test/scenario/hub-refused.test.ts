import { describe, expect } from 'vitest';
import type { NdefRecord } from '../../hardware/index.js';
import { thingNameFor } from '../../provisioning/index.js';
import { type HubAt, type HubWorld, test } from '../support/hub-world.js';

const WAIT = { timeout: 30_000, interval: 50 };
const LIMIT_MS = 90_000;

/** What is wrong, and what it is called; gives a way to put it right. */
const WRONGS: Record<string, { code: string; state: string; wrong: (world: HubWorld) => Promise<void> }> = {
  'no tag': { code: 'nfc.no-tag', state: 'trying', wrong: async () => undefined },
  'a tag of another UID, a copy': {
    code: 'tag.another-uid',
    state: 'refused',
    wrong: async ({ reader, recordsOf, signedTag, tagWith }) => {
      reader.place(await tagWith(await recordsOf(await signedTag())));
    },
  },
  'a tag with a wrong signature': {
    code: 'tag.wrong-signature',
    state: 'refused',
    wrong: async ({ reader, recordsOf, signedTag, tagWith }) => {
      reader.place(await tagWith((await recordsOf(await signedTag())).map(spoilt)));
    },
  },
  'a tag of another maker': {
    code: 'tag.no-hw-id',
    state: 'refused',
    wrong: async ({ reader, tagWith }) => reader.place(await tagWith([{ kind: 'uri', uri: 'https://example.org' }])),
  },
  'garbage on the tag': {
    code: 'ndef.too-long',
    state: 'refused',
    wrong: async ({ reader, tagWith }) => {
      reader.place(await tagWith([{ kind: 'uri', uri: 'https://example.org' }]));
      // An NDEF TLV that announces more bytes than the tag has, by the reader's UPDATE BINARY on page 4.
      await reader.transmit(Uint8Array.of(0xff, 0xd6, 0x00, 0x04, 0x04, 0x03, 0xff, 0x7f, 0xff));
    },
  },
};

function spoilt(record: NdefRecord): NdefRecord {
  if (record.kind !== 'external') return record;
  // Within the signature, behind the 15 bytes of the hardware id.
  const payload = record.payload.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
  return { ...record, payload };
}

async function expectOwnWork(hub: HubAt, { panel }: HubWorld): Promise<void> {
  const shown = await hub.show('Still working');
  expect(panel.glass.frame().sha256).toBe(shown);
}

async function expectProvisioned(hub: HubAt, { hwId }: HubWorld): Promise<void> {
  await expect.poll(async () => (await hub.status()).link.connected, WAIT).toBe(true);
  const { identity, thingName, ...status } = await hub.status();
  expect(status.hwId).toBe(hwId);
  expect(thingName).toBe(thingNameFor(hwId));
  expect(identity).toEqual({
    ...{ state: 'ready', code: null, message: null },
    ...{ advice: null, step: null, retryAt: null },
  });
}

describe('a hub that may not become one of the fleet', () => {
  test.for(Object.entries(WRONGS))(
    '%s: says so, works for the people in the room, and goes on when the right tag comes',
    { timeout: LIMIT_MS },
    async ([, { code, state, wrong }], { world, startHub }) => {
      await wrong(world);
      const hub = await startHub();
      await expect.poll(async () => (await hub.status()).identity.code, WAIT).toBe(code);
      const { identity } = await hub.status();
      expect(identity).toMatchObject({ state, retryAt: null, advice: expect.stringMatching(/^[A-Z].+\.$/) });
      const page = await (await fetch(hub.url)).text();
      expect(page).toContain(identity.advice);
      expect(page).toContain(`(${code}, while reading the tag)`);
      await expectOwnWork(hub, world);
      world.reader.place(await world.signedTag());
      await expectProvisioned(hub, world);
    },
  );

  test('a hook that says no, or cannot be asked, is asked again later', { timeout: LIMIT_MS }, async ({
    world,
    startHub,
    logged,
  }) => {
    const { admin } = world.iotCore;
    admin.setHook(() => ({ allowProvisioning: false, reason: 'not in the registry' }));
    world.reader.place(await world.signedTag());
    const hub = await startHub();
    await expect.poll(async () => (await hub.status()).identity.code, WAIT).toBe('claim.refused');
    const { identity } = await hub.status();
    expect(identity).toMatchObject({ state: 'refused', message: 'not in the registry' });
    expect(Date.parse(identity.retryAt ?? '')).toBeGreaterThan(Date.now() - 10_000);
    await expectOwnWork(hub, world);
    admin.setHook({ url: 'http://127.0.0.1:9' });
    await expect.poll(async () => (await hub.status()).identity.message, WAIT).toBe('the hook failed');
    admin.setHook(world.allow);
    await expectProvisioned(hub, world);
    // Told once to the technician, not at each try.
    const told = logged.filter((line) => line.includes('no identity: the hub works on its own'));
    expect(told).toHaveLength(1);
  });

  test('another tag is tried at once, whatever the cloud said about the last', { timeout: LIMIT_MS }, async ({
    world,
    startHub,
  }) => {
    const { admin } = world.iotCore;
    let uid = '';
    admin.setHook(({ parameters }) =>
      parameters.tagUid === uid ? { allowProvisioning: false, reason: 'revoked' } : world.allow(),
    );
    const first = await world.signedTag();
    uid = Buffer.from(first.uid).toString('hex');
    world.reader.place(first);
    const hub = await startHub();
    await expect.poll(async () => (await hub.status()).identity.message, WAIT).toBe('revoked');
    world.reader.place(await world.signedTag());
    await expectProvisioned(hub, world);
  });
});
