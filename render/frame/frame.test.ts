import sharp from 'sharp';
import { expect, test } from 'vitest';
import { frameToPng, packFrame, pngToFrame, unpackFrame } from '../index.js';

const MONO = ['black', 'white'];
const GREYS = ['black', 'dark-grey', 'light-grey', 'white'];
const SIX = ['black', 'white', 'yellow', 'red', 'blue', 'green'];

test('two inks pack eight pixels to a byte, leftmost highest, each row padded with zero bits', () => {
  const frame = packFrame(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1), 9, 2, 2);
  expect(frame).toMatchObject({ width: 9, height: 2, bitsPerPixel: 1 });
  expect([...frame.data]).toEqual([0b1000_0001, 0b1000_0000, 0b1000_0000, 0b1000_0000]);
});

test('four inks take two bits and six take four', () => {
  expect([...packFrame(Uint8Array.of(0, 1, 2, 3, 3), 5, 1, 4).data]).toEqual([0b00_01_10_11, 0b11_00_00_00]);
  expect([...packFrame(Uint8Array.of(5, 0, 3), 3, 1, 6).data]).toEqual([0x50, 0x30]);
});

test('a frame is named by the SHA-256 of its packed bytes alone', () => {
  // SHA-256 of eight zero bytes, FIPS 180-4.
  const sha256 = 'af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc';
  expect(packFrame(new Uint8Array(64), 8, 8, 2).sha256).toBe(sha256);
  expect(packFrame(new Uint8Array(64), 64, 1, 2).sha256).toBe(sha256);
});

test.each([
  [MONO, 13, 7],
  [GREYS, 13, 7],
  [SIX, 13, 7],
])('unpacking and a PNG both give back the indexes of %j', async (inks, width, height) => {
  const indexes = Uint8Array.from({ length: width * height }, (_, at) => (at * 7) % inks.length);
  const frame = packFrame(indexes, width, height, inks.length);
  expect(unpackFrame(frame)).toEqual(indexes);
  expect(await pngToFrame(await frameToPng(frame, inks), inks)).toEqual(frame);
});

test('a PNG shows the inks in the colours it is given', async () => {
  const frame = packFrame(Uint8Array.of(0, 1), 2, 1, 2);
  const png = await frameToPng(frame, MONO, [
    [10, 20, 30],
    [200, 210, 220],
  ]);
  expect([...(await sharp(png).removeAlpha().raw().toBuffer())]).toEqual([10, 20, 30, 200, 210, 220]);
});

test('a PNG with a colour that is no ink is not taken for a frame', async () => {
  const png = await sharp(Buffer.of(0, 0, 0, 254, 255, 255), { raw: { width: 2, height: 1, channels: 3 } })
    .png()
    .toBuffer();
  await expect(pngToFrame(png, MONO)).rejects.toMatchObject({ code: 'render.inks-not-exact' });
  await expect(pngToFrame(png.subarray(0, 40), MONO)).rejects.toMatchObject({ code: 'render.picture-broken' });
});

test('a PNG with more pixels than any panel is not taken for a frame', async () => {
  const png = await sharp({ create: { width: 4097, height: 4096, channels: 3, background: '#ffffff' } })
    .png()
    .toBuffer();
  await expect(pngToFrame(png, MONO)).rejects.toMatchObject({ code: 'render.picture-broken' });
});
