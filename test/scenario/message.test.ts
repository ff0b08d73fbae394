import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync } from 'mqtt';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { deviceTopics } from '../../contract/index.js';
import { pngToFrame } from '../../render/index.js';
import { test } from '../support/household.js';

const LIMIT_MS = 60_000;
const INKS = ['black', 'white'];

describe('a message, from the cloud to the glass', () => {
  test.for([
    ['a short text', 'Bread rises at seven'],
    ['10,000 characters', 'The quick brown fox jumps over the lazy dog. '.repeat(223).slice(0, 10_000)],
    ['right-to-left text', 'הלחם תופח בשבע بالهناء والشفاء'],
    ['emoji', '🍞🥐 👩‍👩‍👧‍👦 🇫🇷 at 7'],
    ['control characters', 'a\u0007b\u001b[31mc\u202Ed'],
    ['markup that is not markup', '<span foreground="red">&amp; </b> %s $1'],
  ] as const)(
    '%s is shown, and frame, glass and preview are one',
    { timeout: LIMIT_MS },
    async ([, text], { household, api, displayId, signal }) => {
      const sent = await api.send({ text }, displayId, signal);
      expect(sent).toMatchObject({ state: 'confirmed', failure: null });
      expect(household.world.wall.sha256).toBe(sent.frameSha256);
      expect((await pngToFrame(await api.preview(sent.presentationId, 'png', signal), INKS)).sha256).toBe(
        sent.frameSha256,
      );
      const { asked, received, rendered, painted, confirmed } = sent.times;
      expect([asked, received, rendered, painted, confirmed].map(String)).toEqual(
        [asked, received, rendered, painted, confirmed].map(String).toSorted(),
      );
    },
  );

  test.for([
    ['empty', ''],
    ['with a NUL', 'a\u0000b'],
    ['with half a surrogate pair', 'a\ud800b'],
  ] as const)(
    'a text that is %s is refused before anything is shown',
    async ([, text], { household, api, displayId, signal }) => {
      const before = household.world.wall.sha256;
      await expect(api.send({ text }, displayId, signal)).rejects.toMatchObject({
        message: expect.stringContaining('invalid_request'),
      });
      expect(household.world.wall.sha256).toBe(before);
    },
  );
});

describe('a picture that is none', () => {
  const pictures: Record<string, () => Promise<Uint8Array>> = {
    'truncated.jpg': async () => {
      const whole = await sharp({
        create: {
          width: 800,
          height: 480,
          channels: 3,
          background: '#a53',
          noise: { type: 'gaussian', mean: 128, sigma: 40 },
        },
      })
        .jpeg()
        .toBuffer();
      return whole.subarray(0, whole.length / 3);
    },
    'fifty-thousand-square.png': async () => pngOfClaimedSize(50_000, 50_000),
    'zip.png': async () => Buffer.concat([Buffer.from('504b0304140000000800', 'hex'), Buffer.alloc(400, 7)]),
  };

  test.for(Object.keys(pictures))(
    '%s ends as failed, with its reason, and nothing dies',
    { timeout: LIMIT_MS },
    async (name, { household, api, displayId, signal }) => {
      const before = { glass: household.world.wall.sha256, pids: [household.cloud.pid, household.hub.pid] };
      const file = path.join(await mkdtemp(path.join(tmpdir(), 'inklet-picture-')), name);
      await writeFile(file, (await pictures[name]?.()) ?? '');
      const outcome = await api.send({ imageFile: file }, displayId, signal).then(
        ({ state, failure }) => `${state} ${failure?.code} ${failure?.message}`,
        (refusal: unknown) => String(refusal),
      );
      expect(outcome).toMatch(/failed|invalid_asset|asset_not_uploaded|415|422/);
      expect(outcome).toMatch(/truncated|damaged|premature|pixels|large|PNG|picture|image/i);
      expect({ glass: household.world.wall.sha256, pids: [household.cloud.pid, household.hub.pid] }).toEqual(before);
    },
  );
});

test('garbage on the command topic is survived, and the next text is shown', { timeout: LIMIT_MS }, async ({
  household,
  api,
  displayId,
  signal,
}) => {
  const { iotCore } = household.world;
  const { certPem, keyPem } = await iotCore.admin.createBackendCertificate();
  const backend = await connectAsync({
    protocol: 'mqtts',
    host: '127.0.0.1',
    port: iotCore.port,
    ca: iotCore.caPem,
    cert: certPem,
    key: keyPem,
    protocolVersion: 5,
    clientId: 'inklet-backend-garbage',
  });
  const topic = deviceTopics(household.address.thingName).command;
  const garbage = [
    '{',
    'null',
    '[]',
    '"text"',
    JSON.stringify({ v: 99, kind: 'text' }),
    JSON.stringify({
      v: 1,
      gen: 'x',
      cmdId: '01890a5d-ac96-774b-bcce-b302099a8057',
      downSeq: 1,
      slot: 's',
      rev: 1,
      issuedAt: '2026-01-01T00:00:00Z',
      deadlineAt: null,
      remainingMs: null,
      kind: 'dance',
      body: {},
    }),
    Buffer.from([0xff, 0xfe, 0x00]),
  ];
  for (const payload of garbage) await backend.publishAsync(topic, payload, { qos: 1 });
  await backend.publishAsync(topic, 'x', { qos: 1, retain: true }).catch(() => undefined);
  await backend.publishAsync(topic, '', { qos: 1, retain: true }).catch(() => undefined);
  await backend.publishAsync(topic, Buffer.alloc(129 * 1024, 0x20), { qos: 1 }).catch(() => undefined);
  await backend.endAsync(true);

  const pid = household.hub.pid;
  const sent = await api.send({ text: 'After the garbage' }, displayId, signal);
  expect(sent.state).toBe('confirmed');
  expect(household.world.wall.sha256).toBe(sent.frameSha256);
  expect(household.hub.pid).toBe(pid);
});

/** A PNG whose header claims a size that its data does not have. */
function pngOfClaimedSize(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(crc32(body));
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.from('789c030000000001', 'hex')),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
