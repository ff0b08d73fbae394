import sharp from 'sharp';
import { expect, test } from 'vitest';
import { redAndBlueFiles } from '../../test/support/picture-formats.js';
import { decodePicture } from './decode.js';
import type { Picture } from './picture.js';

const PLACE = { width: 40, height: 20 };
const FILES = await redAndBlueFiles();

function flat(background: string, width = 80, height = 40) {
  return sharp({ create: { width, height, channels: 4, background } });
}

function pixel({ width, rgb }: Picture, x: number, y: number): number[] {
  return [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

/** How far the furthest channel is from the colour. */
function distance(colour: readonly number[], wanted: readonly number[]): number {
  return Math.max(...colour.map((value, channel) => Math.abs(value - (wanted[channel] ?? 0))));
}

test.each(Object.entries(FILES))('what is red and blue in a %s is red and blue', async (_name, file) => {
  const picture = await decodePicture(file, PLACE, 'fill');
  expect(picture).toMatchObject(PLACE);
  expect(picture.rgb.length).toBe(40 * 20 * 3);
  expect(distance(pixel(picture, 8, 10), [255, 0, 0])).toBeLessThan(12);
  expect(distance(pixel(picture, 32, 10), [0, 0, 255])).toBeLessThan(12);
});

test('fit keeps a picture whole, fill covers the place', async () => {
  const square = await flat('#ff0000', 50, 50).png().toBuffer();
  expect(await decodePicture(square, PLACE, 'fit')).toMatchObject({ width: 20, height: 20 });
  expect(await decodePicture(square, PLACE, 'fill')).toMatchObject({ width: 40, height: 20 });
});

test.each([
  ['1 x 1', 1, 1, 20, 20],
  ['1 x 20000', 1, 20_000, 1, 20],
  ['20000 x 1', 20_000, 1, 40, 1],
])('a picture of %s is shown', async (_name, width, height, shownWidth, shownHeight) => {
  const file = await flat('#ff0000', width, height).png().toBuffer();
  const fitted = await decodePicture(file, PLACE, 'fit');
  expect(fitted).toMatchObject({ width: shownWidth, height: shownHeight });
  expect(pixel(fitted, 0, 0)).toEqual([255, 0, 0]);
  expect(await decodePicture(file, PLACE, 'fill')).toMatchObject(PLACE);
});

// Where the upper left corner of the file comes to lie, EXIF 2.32 section 4.6.4: 1 to 8.
test.each([
  [1, 0, 0],
  [2, 1, 0],
  [3, 1, 1],
  [4, 0, 1],
  [5, 0, 0],
  [6, 1, 0],
  [7, 1, 1],
  [8, 0, 1],
])('EXIF orientation %i turns a JPEG, a PNG, a WebP and a TIFF', async (orientation, right, down) => {
  const corner = await flat('#ff0000', 40, 20).png().toBuffer();
  const file = flat('#ffffff').composite([{ input: corner, left: 0, top: 0 }]);
  const turned = sharp(await file.png().toBuffer()).withMetadata({ orientation });
  for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
    const picture = await decodePicture(await turned.clone().toFormat(format).toBuffer(), PLACE, 'fit');
    const isUpright = orientation < 5;
    expect([picture.width, picture.height], format).toEqual(isUpright ? [40, 20] : [10, 20]);
    const [x, y] = [right === 0 ? 1 : picture.width - 2, down === 0 ? 1 : picture.height - 2];
    expect(distance(pixel(picture, x, y), [255, 0, 0]), format).toBeLessThan(30);
    expect(distance(pixel(picture, picture.width - 1 - x, picture.height - 1 - y), [255, 255, 255])).toBeLessThan(30);
  }
});

test('what is transparent shows the paper, and what is half transparent half of it', async () => {
  for (const format of ['png', 'webp', 'gif', 'tiff', 'avif'] as const) {
    const compression = format === 'tiff' ? { compression: 'lzw' } : {};
    const glassy = await flat('rgba(255, 0, 0, 0)').toFormat(format, compression).toBuffer();
    expect(distance(pixel(await decodePicture(glassy, PLACE, 'fill'), 5, 5), [255, 255, 255]), format).toBeLessThan(6);
    const onBlack = await decodePicture(glassy, PLACE, 'fill', 'black');
    expect(distance(pixel(onBlack, 5, 5), [0, 0, 0]), format).toBeLessThan(6);
  }
  const half = await flat('rgba(255, 0, 0, 0.5)').toColourspace('rgb16').png().toBuffer();
  expect(distance(pixel(await decodePicture(half, PLACE, 'fill'), 5, 5), [255, 128, 128])).toBeLessThan(4);
});

test('CMYK, 16 bit, one channel, one bit and palettes come out as three bytes of sRGB', async () => {
  const grey = flat('#808080');
  const files = [
    await grey.clone().toColourspace('cmyk').jpeg().toBuffer(),
    await grey.clone().toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer(),
    await grey.clone().toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(),
    await grey.clone().toColourspace('rgb16').png().toBuffer(),
    await grey.clone().toColourspace('grey16').png().toBuffer(),
    await grey.clone().toColourspace('b-w').png().toBuffer(),
    await grey.clone().png({ palette: true }).toBuffer(),
    await grey.clone().webp().toBuffer(),
    await flat('#808080').toColourspace('lab').tiff({ compression: 'lzw' }).toBuffer(),
  ];
  for (const [index, file] of files.entries()) {
    const picture = await decodePicture(file, PLACE, 'fill');
    expect(picture.rgb.length).toBe(40 * 20 * 3);
    expect(distance(pixel(picture, 5, 5), [128, 128, 128]), `file ${index}`).toBeLessThan(24);
  }
  const bits = await flat('#ffffff').toColourspace('b-w').tiff({ compression: 'deflate', bitdepth: 1 }).toBuffer();
  expect(pixel(await decodePicture(bits, PLACE, 'fill'), 5, 5)).toEqual([255, 255, 255]);
});

test('a profile that is no profile does not keep a picture from the glass', async () => {
  const profiled = await flat('#ff0000').withIccProfile('p3').jpeg().toBuffer();
  const at = profiled.indexOf('ICC_PROFILE');
  expect(at).toBeGreaterThan(0);
  profiled.fill(0x41, at + 14, at + 200);
  const picture = await decodePicture(profiled, PLACE, 'fill');
  expect(pixel(picture, 5, 5)[0]).toBeGreaterThan(200);
});

test('the animations above have a second image, which is not shown', async () => {
  for (const name of ['animated gif', 'animated webp']) expect((await sharp(FILES[name]).metadata()).pages).toBe(2);
});

test('an SVG is drawn at the size of its place rather than blown up', async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="2" height="2"/></svg>`;
  const { rgb } = await decodePicture(Buffer.from(svg), PLACE, 'fill');
  const row = Array.from({ length: 40 }, (_, x) => rgb[x * 3]);
  expect(row).toEqual(Array.from({ length: 40 }, (_, x) => (x < 20 ? 0 : 255)));
});
