import { expect, test } from 'vitest';
import { idealColours } from '../frame/inks.js';
import { unpackFrame } from '../frame/pack.js';
import type { Picture } from '../picture/picture.js';
import { dither } from './dither.js';

const MONO = ['black', 'white'];
const GREYS = ['black', 'dark-grey', 'light-grey', 'white'];
const SIX = ['black', 'white', 'yellow', 'red', 'blue', 'green'];

function flat(red: number, green: number, blue: number, width = 64, height = 64) {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, at) => [red, green, blue][at % 3] ?? 0);
  return { width, height, rgb };
}

async function ditherToInks(picture: Picture, inks: readonly string[]): Promise<Uint8Array> {
  return unpackFrame(await dither(picture, { inks }));
}

function shareOf(indexes: Uint8Array, ink: number): number {
  return indexes.filter((index) => index === ink).length / indexes.length;
}

test('a picture made of exactly the inks stays as it is', async () => {
  const rgb = Uint8Array.from({ length: 300 }, (_, at) => (Math.floor(at / 3) % 3 === 0 ? 0 : 255));
  const indexes = await ditherToInks({ width: 10, height: 10, rgb }, MONO);
  expect([...indexes]).toEqual(Array.from({ length: 100 }, (_, at) => (at % 3 === 0 ? 0 : 1)));
});

test.each([[GREYS], [SIX]])('so does a picture in the ideal colours of %j', async (inks) => {
  const order = Uint8Array.from({ length: 400 }, (_, at) => (at * 7) % inks.length);
  const colours = idealColours(inks);
  const rgb = Uint8Array.from([...order].flatMap((ink) => [...(colours[ink] ?? [])]));
  expect(await ditherToInks({ width: 20, height: 20, rgb }, inks)).toEqual(order);
});

test('pure black and white among greys stay pure', async () => {
  const picture = flat(255, 255, 255);
  picture.rgb.fill(0, 0, 64 * 16 * 3);
  picture.rgb.set([100, 100, 100], 64 * 63 * 3);
  const indexes = await ditherToInks(picture, MONO);
  expect(shareOf(indexes.subarray(0, 64 * 16), 0)).toBe(1);
  expect(shareOf(indexes.subarray(64 * 16, 64 * 63), 1)).toBe(1);
});

test('a grey comes out with the light it has between the black and the white of the panel', async () => {
  // cbrt(0.045) = 0.3557; linear light of sRGB 128 is 0.2159, cbrt 0.5999: (0.3557 + 0.6443 * 0.5999)^3 = 0.4089.
  const share = (0.4089 - 0.045) / (1 - 0.045);
  expect(shareOf(await ditherToInks(flat(128, 128, 128), MONO), 1)).toBeCloseTo(share, 2);
});

test('colours are weighed by the light they give', async () => {
  const white = async (red: number, green: number, blue: number) =>
    shareOf(await ditherToInks(flat(red, green, blue), MONO), 1);
  expect(await white(0, 255, 0)).toBeGreaterThan(await white(255, 0, 0));
  expect(await white(255, 0, 0)).toBeGreaterThan(await white(0, 0, 255));
});

test('with four greys a flat area takes the two inks next to it', async () => {
  const indexes = await ditherToInks(flat(120, 121, 120), GREYS);
  expect(new Set(indexes).size).toBe(2);
  expect(Math.max(...indexes) - Math.min(...indexes)).toBe(1);
});

test.each([
  ['red', 200, 20, 10, 3],
  ['yellow', 240, 220, 10, 2],
  ['blue', 10, 60, 200, 4],
])('with six inks a %s area is mostly that ink', async (_name, red, green, blue, ink) => {
  const indexes = await ditherToInks(flat(red, green, blue), SIX);
  expect(Math.max(...indexes)).toBeLessThan(SIX.length);
  const shares = SIX.map((_, index) => shareOf(indexes, index));
  expect(shares.indexOf(Math.max(...shares))).toBe(ink);
});

test('an ink without a colour is refused by name', async () => {
  await expect(ditherToInks(flat(1, 2, 3), ['black', 'white', 'toString'])).rejects.toThrow(/toString/);
});

test('packed rows hold the leftmost pixel highest, each row padded with zero bits', async () => {
  const rgb = Uint8Array.from({ length: 9 * 2 * 3 }, (_, at) => (Math.floor(at / 3) % 2 === 0 ? 255 : 0));
  const packed = await dither({ width: 9, height: 2, rgb }, { inks: MONO });
  expect(packed).toEqual({
    width: 9,
    height: 2,
    bitsPerPixel: 1,
    data: Uint8Array.of(0b1010_1010, 0b1000_0000, 0b0101_0101, 0b0000_0000),
  });
});
