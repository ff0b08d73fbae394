import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { withoutPngText } from './png-text.js';

const HEAD_BYTES = 33;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

async function png(): Promise<Buffer> {
  const flat = { create: { width: 8, height: 4, channels: 3, background: '#ff8000' } } as const;
  return await sharp(flat).withMetadata({ orientation: 6 }).png().toBuffer();
}

test('texts are left out, packed or not, and everything else stays', async () => {
  const plain = await png();
  const texts = ['tEXt', 'zTXt', 'iTXt'].map((type) => chunk(type, Buffer.from('key\0\0\0\0value')));
  const texted = Buffer.concat([plain.subarray(0, HEAD_BYTES), ...texts, plain.subarray(HEAD_BYTES)]);
  expect(Buffer.compare(withoutPngText(texted), plain)).toBe(0);
  expect(Buffer.compare(withoutPngText(plain), plain)).toBe(0);
});

test('a PNG that ends anywhere is handed on as far as it goes', async () => {
  const plain = await png();
  for (let length = 8; length < plain.length; length += 1) {
    const cut = plain.subarray(0, length);
    expect(Buffer.compare(withoutPngText(cut), cut), `${length} bytes`).toBe(0);
  }
});

// The drawing library unpacked every text: 717 KB took 2.1 GB.
test('texts that unpack to gigabytes reach no reader', async () => {
  const plain = await png();
  const bomb = chunk('zTXt', Buffer.concat([Buffer.from('key\0\0'), deflateSync(Buffer.alloc(7 * 1024 * 1024))]));
  const bombs = Array.from({ length: 100 }, () => bomb);
  const bombed = Buffer.concat([plain.subarray(0, HEAD_BYTES), ...bombs, plain.subarray(HEAD_BYTES)]);
  expect(bombed.length).toBeLessThan(1024 * 1024);
  expect(Buffer.compare(withoutPngText(bombed), plain)).toBe(0);
});
