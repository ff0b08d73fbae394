import sharp from 'sharp';
import { expect, test } from 'vitest';
import { type PageContent, type RenderInput, type RenderTarget, renderFrame, unpackFrame } from '../../index.js';

const GLASS: RenderTarget = { width: 800, height: 480, inks: ['black', 'white'] };

function page(content: Partial<PageContent>): RenderInput {
  const empty = { title: null, text: null, align: 'centre', qr: null, fit: 'fit', pictures: [] } as const;
  return { kind: 'page', page: { ...empty, ...content } };
}

/** The box around everything black, in pixels from the top left. */
async function inkBox(input: RenderInput, target: RenderTarget = GLASS) {
  const indexes = unpackFrame(await renderFrame(input, target));
  const box = { left: target.width, top: target.height, right: -1, bottom: -1 };
  for (const [at, ink] of indexes.entries()) {
    if (ink !== 0) continue;
    const x = at % target.width;
    const y = Math.floor(at / target.width);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

test('a short message is large and stands in the middle', async () => {
  const box = await inkBox(page({ text: 'Bread rises at seven' }));
  expect(box.right - box.left).toBeGreaterThan(600);
  expect(box.bottom - box.top).toBeGreaterThan(200);
  expect(Math.abs(box.left - (799 - box.right))).toBeLessThanOrEqual(1);
  expect(Math.abs(box.top - (479 - box.bottom))).toBeLessThan(30);
});

test('text keeps to the side that it is aligned to, and right-to-left text starts at the right', async () => {
  const start = await inkBox(page({ text: 'Milk', align: 'start' }));
  const end = await inkBox(page({ text: 'Milk', align: 'end' }));
  const hebrew = await inkBox(page({ text: '\u05e9\u05dc\u05d5\u05dd', align: 'start' }));
  expect(Math.abs(start.left - 31)).toBeLessThanOrEqual(1);
  expect(Math.abs(end.right - 768)).toBeLessThanOrEqual(1);
  expect(Math.abs(hebrew.right - 768)).toBeLessThanOrEqual(1);
});

test.each([
  ['10,000 characters', 'It was the best of times, it was the worst. '.repeat(228)],
  ['20,000 characters', 'It was the best of times, it was the worst. '.repeat(455)],
  ['a word of 10,000 letters', 'W'.repeat(10_000)],
  ['5,000 lines', 'a\n'.repeat(5_000)],
  ['2,000 combining marks', `a${'\u0301'.repeat(2_000)}`],
  ['emoji', '\u{1f600}\u{1f469}\u200d\u{1f469}\u200d\u{1f467}\u{1f1e9}\u{1f1ea} '.repeat(300)],
  ['emoji joined without end', '\u{1f469}\u200d'.repeat(5_000)],
  ['the widest letters', '\ufdfd'.repeat(2_000)],
  ['bidi controls', '\u202e\u2066abc\u202a\u05d0\u2067'.repeat(500)],
  ['control characters', Array.from({ length: 160 }, (_, code) => String.fromCharCode(code)).join('')],
  ['lone surrogates', '\ud800 a \udfff'],
  ['characters that no font has', '\u{10ffff}\u{e000}\u4e00'],
  ['markup', '</span><span size="9999999">&lt;&'],
])('%s end in a frame within the margins', async (_name, text) => {
  for (const target of [GLASS, { ...GLASS, width: 122, height: 250 }, { ...GLASS, width: 1600, height: 1200 }]) {
    const margin = Math.round(Math.min(target.width, target.height) * 0.065);
    const box = await inkBox(page({ title: text.slice(0, 500), text, align: 'start' }), target);
    expect(box.right).toBeGreaterThan(0);
    expect(box.left).toBeGreaterThanOrEqual(margin - 1);
    expect(box.right).toBeLessThanOrEqual(target.width - margin);
    expect(box.top).toBeGreaterThanOrEqual(margin - 1);
    expect(box.bottom).toBeLessThanOrEqual(target.height - margin);
  }
});

test('markup is shown, not obeyed', async () => {
  const plain = await renderFrame(page({ text: '<b>x</b>' }), GLASS);
  const bold = await renderFrame(page({ title: 'x' }), GLASS);
  const box = await inkBox(page({ text: '<b>x</b>' }));
  expect(box.right - box.left).toBeGreaterThan(300);
  expect(plain.sha256).not.toBe(bold.sha256);
});

test.each([
  ['nothing at all', {}],
  ['only space', { text: ' \n\u00a0', title: '\t' }],
  ['only control characters', { text: '\u0000\u0007' }],
  ['only characters without a glyph', { text: '\u200b\u2060' }],
  ['an empty QR code', { qr: '' }],
])('a page of %s is refused', async (_name, content) => {
  await expect(renderFrame(page(content), GLASS)).rejects.toMatchObject({ code: 'render.nothing-to-show' });
});

test.each([
  { width: 63, height: 480, inks: ['black', 'white'] },
  { width: 800.5, height: 480, inks: ['black', 'white'] },
  { width: 800, height: 4097, inks: ['black', 'white'] },
  { width: 800, height: 480, inks: ['red', 'white'] },
])('a target that cannot be drawn for is refused: %j', async (target) => {
  await expect(renderFrame(page({ text: 'a' }), target)).rejects.toMatchObject({ code: 'render.bad-target' });
});

test('a picture in exactly the inks at the size of the panel passes unchanged', async () => {
  const indexes = Uint8Array.from({ length: 800 * 480 }, (_, at) => ((at * 2_654_435_761) % 7) & 1);
  const raw = { width: 800, height: 480, channels: 1 } as const;
  const png = await sharp(
    indexes.map((ink) => ink * 255),
    { raw },
  )
    .png()
    .toBuffer();
  for (const fit of ['fit', 'fill'] as const) {
    const frame = await renderFrame(page({ pictures: [png], fit }), GLASS);
    expect(Buffer.compare(unpackFrame(frame), indexes)).toBe(0);
  }
});

test('fit shows a whole picture on white, fill covers the whole sheet', async () => {
  const dark = await sharp({ create: { width: 100, height: 100, channels: 3, background: '#000000' } })
    .png()
    .toBuffer();
  expect(await inkBox(page({ pictures: [dark], fit: 'fit' }))).toEqual({ left: 160, top: 0, right: 639, bottom: 479 });
  expect(await inkBox(page({ pictures: [dark], fit: 'fill' }))).toEqual({ left: 0, top: 0, right: 799, bottom: 479 });
});

test('words that cannot be seen leave the sheet to the picture', async () => {
  const dark = await sharp({ create: { width: 100, height: 60, channels: 3, background: '#000000' } })
    .png()
    .toBuffer();
  const unseen = await inkBox(page({ title: '\u200b', text: '\u00ad\u2060', pictures: [dark] }));
  expect(unseen).toEqual({ left: 0, top: 0, right: 799, bottom: 479 });
});

test('fifty pictures share the sheet with words', async () => {
  const dark = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#000000' } })
    .png()
    .toBuffer();
  const box = await inkBox(page({ title: 'Fifty', pictures: Array.from({ length: 50 }, () => dark), fit: 'fill' }));
  expect(box).toMatchObject({ left: 0, top: 0, bottom: 479 });
});

test('words and a picture come out in the inks of a coloured panel', async () => {
  const picture = await sharp({ create: { width: 80, height: 48, channels: 3, background: '#c86432' } })
    .png()
    .toBuffer();
  const inks = ['black', 'white', 'yellow', 'red', 'blue', 'green'];
  const frame = await renderFrame(page({ pictures: [picture], title: 'Six' }), { ...GLASS, inks });
  expect(frame.bitsPerPixel).toBe(4);
  const used = new Set(unpackFrame(frame));
  expect(used.size).toBeGreaterThan(3);
  expect(Math.max(...used)).toBeLessThan(6);
});

test('a picture comes out as the profile and the mode of the target say', async () => {
  const sky = { create: { width: 200, height: 100, channels: 3, background: '#5a8cc8' } } as const;
  const picture = await sharp(sky).png().toBuffer();
  const glass = { width: 200, height: 100, inks: ['black', 'white', 'yellow', 'red', 'blue', 'green'] };
  const grey = { ...glass, inks: ['black', 'white'] };
  const targets: RenderTarget[] = [
    glass,
    { ...glass, profile: 'spectra6-spectro' },
    { ...glass, mode: 'stable' },
    grey,
    { ...grey, profile: 'high-contrast-mono' },
    { ...grey, mode: 'best' },
  ];
  const frames = await Promise.all(
    targets.map((target) => renderFrame(page({ pictures: [picture], fit: 'fill' }), target)),
  );
  expect(new Set(frames.map(({ sha256 }) => sha256)).size).toBe(targets.length);
  const unknown = { ...glass, profile: 'ordinary-mono' };
  await expect(renderFrame(page({ pictures: [picture] }), unknown)).rejects.toMatchObject({
    code: 'render.unknown-profile',
  });
});

test('a picture that cannot be read is told without the path of a scene', async () => {
  const broken = page({ text: 'a', pictures: [Buffer.from('no picture')] });
  await expect(renderFrame(broken, GLASS)).rejects.toMatchObject({
    code: 'render.picture-unknown-format',
    message: expect.not.stringContaining('root'),
  });
});

test('words stand beside a picture where it ends, also one turned by its EXIF', async () => {
  const turned = await sharp({ create: { width: 300, height: 100, channels: 3, background: '#000000' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const frame = await renderFrame(page({ text: 'Milk', pictures: [turned] }), GLASS);
  const indexes = unpackFrame(frame);
  const column = (x: number) => Array.from({ length: 480 }, (_, y) => indexes[y * 800 + x]);
  expect(column(158).every((ink) => ink === 0)).toBe(true);
  expect(column(162).every((ink) => ink === 1)).toBe(true);
});
