import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { redAndBlueFiles } from '../../test/support/picture-formats.js';
import { pngHeader } from '../../test/support/pictures.js';
import { decodePicture, MOST_PICTURE_BYTES } from './decode.js';
import { readPicture } from './read.js';

const PLACE = { width: 40, height: 20 };
const HUGE = 30_000;
const FILES = await redAndBlueFiles();

function fileOf(name: string): Buffer {
  const file = FILES[name];
  if (file === undefined) throw new RangeError(`no file is called ${name}`);
  return Buffer.from(file);
}

function patched(name: string, change: (bytes: Buffer) => void): Buffer {
  const bytes = fileOf(name);
  change(bytes);
  return bytes;
}

/** The files that unpack nothing and say that they are 30000 x 30000. */
const BOMBS = {
  PNG: pngHeader(HUGE, HUGE),
  JPEG: patched('jpeg', (bytes) => {
    const frame = bytes.indexOf(Buffer.from('ffc0', 'hex'));
    bytes.writeUInt16BE(HUGE, frame + 5);
    bytes.writeUInt16BE(HUGE, frame + 7);
  }),
  GIF: patched('gif', (bytes) => {
    const image = bytes.lastIndexOf(Buffer.from('2c00000000', 'hex'));
    for (const at of [6, 8, image + 5, image + 7]) bytes.writeUInt16LE(HUGE, at);
  }),
  AVIF: patched('avif', (bytes) => {
    for (let at = bytes.indexOf('ispe'); at > 0; at = bytes.indexOf('ispe', at + 4)) {
      bytes.writeUInt32BE(HUGE, at + 8);
      bytes.writeUInt32BE(HUGE, at + 12);
    }
  }),
  TIFF: patched('tiff', (bytes) => {
    const directory = bytes.readUInt32LE(4);
    for (let at = directory + 2; at < directory + 2 + 12 * bytes.readUInt16LE(directory); at += 12) {
      if ([256, 257].includes(bytes.readUInt16LE(at))) bytes.writeUInt16LE(HUGE, at + 8);
    }
  }),
  SVG: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${HUGE}" height="${HUGE}"/>`),
  'SVG in gzip': gzipSync(`<svg xmlns="http://www.w3.org/2000/svg" width="${HUGE}" height="${HUGE}"/>`),
};

test.each(Object.entries(BOMBS))('a small %s of 900 megapixels is refused with the limit', async (_name, bomb) => {
  expect(bomb.length).toBeLessThan(8192);
  await expect(decodePicture(bomb, PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-too-many-pixels',
    message: expect.stringMatching(/30000 x 30000.*limit is 50000000/),
  });
});

test('an animated WebP whose canvas is larger than any of its images is refused', async () => {
  const bomb = patched('animated webp', (bytes) => {
    const canvas = bytes.indexOf('VP8X') + 12;
    bytes.writeUIntLE(16_000, canvas, 3);
    bytes.writeUIntLE(16_000, canvas + 3, 3);
  });
  await expect(decodePicture(bomb, PLACE, 'fit')).rejects.toMatchObject({ code: 'render.picture-too-many-pixels' });
});

test('an interlaced picture that would fill the memory of a hub is refused, and the same in strips is not', async () => {
  const deep = (interlaced: boolean) => {
    const bytes = pngHeader(5000, 5000);
    bytes.set([16, 6, 0, 0, interlaced ? 1 : 0], 24);
    return bytes;
  };
  await expect(decodePicture(deep(true), PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-too-many-pixels',
  });
  await expect(decodePicture(deep(false), PLACE, 'fit')).rejects.toMatchObject({ code: 'render.picture-broken' });
});

test('a file past the limit of bytes is refused, and the message names the limit', async () => {
  await expect(decodePicture(new Uint8Array(MOST_PICTURE_BYTES + 1), PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-too-many-bytes',
    message: expect.stringContaining(`limit is ${MOST_PICTURE_BYTES}`),
  });
});

/** With grain, so that no format gets away with its last tenth. */
async function grainy(format: 'png' | 'jpeg' | 'gif' | 'webp' | 'tiff' | 'avif'): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const picture = sharp({ create: { width: 120, height: 80, channels: 3, background: '#888888', noise } });
  return await picture.toFormat(format).toBuffer();
}

test.each(['png', 'jpeg', 'gif', 'webp', 'tiff', 'avif'] as const)(
  'a %s that ends at any tenth is refused as broken',
  async (format) => {
    const whole = await grainy(format);
    const asked = { type: `image/${format}`, place: PLACE, fit: 'fit' } as const;
    await readPicture(whole, asked);
    for (let tenth = 1; tenth < 10; tenth += 1) {
      const cut = whole.subarray(0, Math.floor((whole.length * tenth) / 10));
      await expect(readPicture(cut, asked), `${tenth} tenths`).rejects.toMatchObject({ code: 'render.picture-broken' });
    }
  },
);

test.each(['png', 'jpeg', 'gif', 'webp', 'tiff', 'avif', 'svg', 'svg in gzip'])(
  'half of a %s is refused as broken',
  async (name) => {
    const whole = fileOf(name);
    await expect(decodePicture(whole.subarray(0, whole.length / 2), PLACE, 'fit')).rejects.toMatchObject({
      code: 'render.picture-broken',
    });
  },
);

test.each([
  ['a ZIP', Buffer.from('PK\x03\x04rest of an archive')],
  ['a PDF', Buffer.from('%PDF-1.7\n')],
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('hello')],
  ['XML that is no SVG', Buffer.from('<?xml version="1.0"?><html/>')],
  ['text in gzip', gzipSync('hello <svg')],
  ['half a gzip header', Buffer.from('1f8b08', 'hex')],
  ['a film', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0mp42avc1', 'latin1')],
])('%s is not a picture', async (_name, bytes) => {
  await expect(decodePicture(bytes, PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-unknown-format',
    message: 'the bytes are no PNG, JPEG, GIF, WebP, AVIF, TIFF or SVG',
  });
});

test('a HEIC from a telephone is refused in words that help', async () => {
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  await expect(decodePicture(heic, PLACE, 'fit')).rejects.toMatchObject({
    code: 'render.picture-unknown-format',
    message: expect.stringContaining('HEVC; it has to be PNG, JPEG'),
  });
});

test.each([
  ['a PNG signature alone', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ['a ZIP behind a PNG signature', Buffer.from('\x89PNG\r\n\x1a\nPK\x03\x04', 'latin1')],
  ['a JPEG marker alone', Buffer.from('ffd8ff', 'hex')],
  ['a GIF header alone', Buffer.from('GIF89a')],
  ['a WebP header alone', Buffer.from('RIFF\x04\0\0\0WEBP')],
  ['a TIFF header alone', Buffer.from('II*\x00rest')],
  ['an AVIF header alone', Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1avif', 'latin1')],
  ['an SVG that is not well-formed', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><rect></svg>')],
  ['an SVG in gzip that is not well-formed', gzipSync('<svg xmlns="http://www.w3.org/2000/svg"><rect></svg>')],
])('%s is a broken picture', async (_name, bytes) => {
  await expect(decodePicture(bytes, PLACE, 'fit')).rejects.toMatchObject({ code: 'render.picture-broken' });
});

test('an SVG that multiplies itself is refused', async () => {
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`).join('');
  const bomb = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "ha">${entities}]>
    <svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><text>&a9;</text></svg>`;
  await expect(decodePicture(Buffer.from(bomb), PLACE, 'fit')).rejects.toMatchObject({ code: 'render.picture-broken' });
});
