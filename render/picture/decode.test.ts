import { crc32, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodePicture, MOST_PICTURE_BYTES } from './decode.js';

const PLACE = { width: 40, height: 20 };

function flat(background: string, width = 80, height = 40) {
  return sharp({ create: { width, height, channels: 4, background } });
}

/** A PNG that claims a size in its header and has no pixels. The rest of the header is depth, colour and interlacing. */
function pngOfSize(width: number, height: number, rest = '\x08\x02\x00\x00\x00'): Buffer {
  const header = Buffer.from(`IHDR00000000${rest}`, 'latin1');
  header.writeUInt32BE(width, 4);
  header.writeUInt32BE(height, 8);
  const data = Buffer.from('\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e', 'latin1');
  const framed = Buffer.alloc(8 + header.length);
  framed.writeUInt32BE(13, 0);
  framed.set(header, 4);
  framed.writeUInt32BE(crc32(header), 4 + header.length);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), framed, data]);
}

test('a 50,000 x 50,000 PNG is refused by its header, and the message names the limit', async () => {
  await expect(decodePicture(pngOfSize(50_000, 50_000), PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-too-many-pixels',
    message: expect.stringMatching(/50000 x 50000.*limit is 50000000/),
  });
});

test('a picture that would fill the memory of a hub is refused, and the same in strips is not', async () => {
  const RGBA_16 = '\x10\x06\x00\x00';
  await expect(decodePicture(pngOfSize(7000, 7000, `${RGBA_16}\x01`), PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-too-many-pixels',
    message: expect.stringMatching(/7000 x 7000.*limit is 13\d{6} for one that is read at once/),
  });
  await expect(decodePicture(pngOfSize(7000, 7000, `${RGBA_16}\x00`), PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-broken',
  });
});

test('a file past the limit of bytes is refused, and the message names the limit', async () => {
  await expect(decodePicture(new Uint8Array(MOST_PICTURE_BYTES + 1), PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-too-many-bytes',
    message: expect.stringContaining(`limit is ${MOST_PICTURE_BYTES}`),
  });
});

test('a truncated JPEG, PNG, GIF and WebP are refused as broken', async () => {
  const noise = await sharp({
    create: {
      width: 200,
      height: 200,
      channels: 3,
      background: '#888888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer();
  for (const format of ['jpeg', 'png', 'gif', 'webp'] as const) {
    const whole = await sharp(noise).toFormat(format).toBuffer();
    const half = whole.subarray(0, whole.length / 2);
    await expect(decodePicture(half, PLACE, 'fit'), format).rejects.toMatchObject({ code: 'render.picture-broken' });
  }
});

test.each([
  ['a ZIP', Buffer.from('PK\x03\x04rest of an archive')],
  ['a PDF', Buffer.from('%PDF-1.7\n')],
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('hello')],
  ['XML that is no SVG', Buffer.from('<?xml version="1.0"?><html/>')],
  ['text in gzip', gzipSync('hello <svg')],
  ['half a gzip header', Buffer.from('1f8b08', 'hex')],
])('%s is not a picture', async (_name, bytes) => {
  await expect(decodePicture(bytes, PLACE, 'fit')).rejects.toMatchObject({ code: 'render.picture-unknown-format' });
});

test.each([
  ['a PNG signature alone', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ['a ZIP behind a PNG signature', Buffer.from('\x89PNG\r\n\x1a\nPK\x03\x04', 'latin1')],
  ['an SVG that is not well-formed', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><rect></svg>')],
  ['a TIFF header alone', Buffer.from('II*\x00rest')],
  ['an AVIF header alone', Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1avif', 'latin1')],
])('%s is a broken picture', async (_name, bytes) => {
  await expect(decodePicture(bytes, PLACE, 'fit')).rejects.toMatchObject({ code: 'render.picture-broken' });
});

test('fit keeps a picture whole, fill covers the place', async () => {
  const square = await flat('#ff0000', 50, 50).png().toBuffer();
  expect(await decodePicture(square, PLACE, 'fit')).toMatchObject({ width: 20, height: 20 });
  expect(await decodePicture(square, PLACE, 'fill')).toMatchObject({ width: 40, height: 20 });
});

test('a picture is turned as its EXIF orientation says', async () => {
  const sideways = await flat('#ff0000', 80, 40).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  expect(await decodePicture(sideways, PLACE, 'fit')).toMatchObject({ width: 10, height: 20 });
});

test('what is transparent is white', async () => {
  const glassy = await flat('rgba(255, 0, 0, 0)').png().toBuffer();
  expect(new Set((await decodePicture(glassy, PLACE, 'fill')).rgb)).toEqual(new Set([255]));
});

test('CMYK, 16 bit, one channel and palettes come out as three bytes of sRGB', async () => {
  const grey = flat('#808080');
  const files = [
    await grey.clone().toColourspace('cmyk').jpeg().toBuffer(),
    await grey.clone().toColourspace('rgb16').png().toBuffer(),
    await grey.clone().toColourspace('b-w').png().toBuffer(),
    await grey.clone().png({ palette: true }).toBuffer(),
    await grey.clone().webp().toBuffer(),
  ];
  for (const file of files) {
    const { rgb } = await decodePicture(file, PLACE, 'fill');
    expect(rgb.length).toBe(40 * 20 * 3);
    expect(Math.max(...rgb) - Math.min(...rgb)).toBeLessThan(20);
    expect(Math.abs((rgb[0] ?? 0) - 128)).toBeLessThan(16);
  }
});

test('an animation shows its first image', async () => {
  const frames = await Promise.all(['#ff0000', '#0000ff'].map((colour) => flat(colour).png().toBuffer()));
  const gif = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
  const { width, height, rgb } = await decodePicture(gif, PLACE, 'fill');
  expect({ width, height }).toEqual(PLACE);
  expect([...rgb.subarray(0, 3)]).toEqual([255, 0, 0]);
});

test('an SVG is drawn at the size of its place, and loads nothing from outside', async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="4" height="2">
    <image xlink:href="file:///etc/hostname" width="4" height="2"/><rect width="2" height="2" fill="#000000"/></svg>`;
  const { rgb } = await decodePicture(Buffer.from(svg), PLACE, 'fill');
  const row = Array.from({ length: 40 }, (_, x) => rgb[x * 3]);
  expect(row).toEqual(Array.from({ length: 40 }, (_, x) => (x < 20 ? 0 : 255)));
});

test('an SVG that multiplies itself is refused', async () => {
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`).join('');
  const bomb = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "ha">${entities}]>
    <svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><text>&a9;</text></svg>`;
  await expect(decodePicture(Buffer.from(bomb), PLACE, 'fit')).rejects.toMatchObject({ code: 'render.picture-broken' });
});
