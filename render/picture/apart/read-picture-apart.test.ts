import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readPictureApart } from './read-picture-apart.js';

const PLACE = { width: 40, height: 20 };
const ASKED = { type: 'image/svg+xml', place: PLACE, fit: 'fit' } as const;
const LIMITS = { cpuS: 10, wallMs: 20_000, dataMb: 400 };

function svg(body: string): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200">${body}</svg>`);
}

test('a kilobyte of references that would be drawn for hours is ended', async () => {
  const levels = [1, 2, 3, 4, 5].map((n) => `<g id="l${n}">${`<use href="#l${n - 1}"/>`.repeat(10)}</g>`).join('');
  const line = '<path id="l0" d="M0 0 A 300 300 0 0 1 400 200" stroke="red" stroke-width="30" stroke-dasharray="1 1"/>';
  const endless = svg(`<defs>${line}${levels}</defs><use href="#l5"/>`);
  await expect(readPictureApart(endless, ASKED, { ...LIMITS, cpuS: 3 })).rejects.toMatchObject({
    code: 'render.picture-broken',
    message: expect.stringContaining('3 s of the processor'),
  });
});

test('a small picture inside that needs half a gigabyte is refused', async () => {
  const side = 12_000;
  const png = await sharp({ create: { width: side, height: side, channels: 3, background: '#ffffff' } })
    .png()
    .toBuffer();
  const bomb = svg(`<image width="400" height="200" href="data:image/png;base64,${png.toString('base64')}"/>`);
  expect(bomb.length).toBeLessThan(1024 * 1024);
  await expect(readPictureApart(bomb, ASKED)).rejects.toMatchObject({ code: 'render.picture-broken' });
});

test('a drawing larger than its place is made to fit', async () => {
  const red = svg('<rect width="400" height="200" fill="#ff0000"/>');
  const { width, height, rgb } = await readPictureApart(red, ASKED);
  expect({ width, height }).toEqual(PLACE);
  expect(Buffer.compare(rgb, Buffer.alloc(40 * 20 * 3, Buffer.of(255, 0, 0)))).toBe(0);
});

test('an SVG of too many pixels keeps its code and its numbers on the way from its process', async () => {
  const huge = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>');
  await expect(readPictureApart(huge, ASKED)).rejects.toMatchObject({
    code: 'render.picture-too-many-pixels',
    message: expect.stringContaining('30000 x 30000'),
  });
});
