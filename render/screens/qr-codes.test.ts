import jsQR from 'jsqr';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { frameToPng, type RenderInput, type RenderTarget, renderFrame } from '../index.js';

const INKS = ['black', 'white'];
const SIZES = [
  { width: 800, height: 480 },
  { width: 480, height: 800 },
  { width: 122, height: 250 },
  { width: 250, height: 122 },
  { width: 1600, height: 1200 },
  { width: 200, height: 200 },
];

/** What a telephone reads from the frame's PNG, shown three times as large. */
async function read(input: RenderInput, target: RenderTarget): Promise<string | undefined> {
  const png = await frameToPng(await renderFrame(input, target), target.inks);
  const scale = target.width < 300 ? 3 : 1;
  const { data, info } = await sharp(png)
    .resize(target.width * scale, target.height * scale, { kernel: 'nearest' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return jsQR.default(new Uint8ClampedArray(data), info.width, info.height)?.data;
}

function qrPage(qr: string, text: string | null): RenderInput {
  return { kind: 'page', page: { title: null, text, align: 'start', qr, fit: 'fit', pictures: [] } };
}

test.each(SIZES)('the QR code of the claim screen opens its page on $width x $height', async (size) => {
  const url = 'https://inklet.example/claim?code=BCDF-GHJK';
  const input = { kind: 'claim-code', code: 'BCDF-GHJK', url, word: 'otter' } as const;
  expect(await read(input, { ...size, inks: INKS })).toBe(url);
});

test.each(SIZES)('the QR code of a page says its text in any script on $width x $height', async (size) => {
  const text = 'Caf\u00e9 \u4e2d\u6587 \u{1f600}';
  expect(await read(qrPage(text, null), { ...size, inks: INKS })).toBe(text);
  expect(await read(qrPage(text, 'Scan me'), { ...size, inks: INKS })).toBe(text);
});

test('a QR code of 1,000 characters fits on a 7.5" panel, and is refused where it cannot', async () => {
  const text = 'x'.repeat(1000);
  expect(await read(qrPage(text, null), { width: 800, height: 480, inks: INKS })).toBe(text);
  await expect(
    renderFrame(qrPage(text.repeat(2), 'beside'), { width: 122, height: 250, inks: INKS }),
  ).rejects.toMatchObject({
    code: 'render.qr-too-long',
  });
  await expect(
    renderFrame(qrPage('x'.repeat(3000), null), { width: 800, height: 480, inks: INKS }),
  ).rejects.toMatchObject({ code: 'render.qr-too-long' });
});

test.each(SIZES)('every screen is drawn on $width x $height, long names too', async (size) => {
  const target = { ...size, inks: INKS };
  const long = 'The household of the very long name that never ends '.repeat(4);
  const screens: RenderInput[] = [
    { kind: 'identify', displayName: 'Kitchen', hubName: 'Home', panel: '7in5_V2' },
    { kind: 'identify', displayName: long, hubName: long, panel: long },
    { kind: 'bound', householdName: 'The Martins' },
    { kind: 'bound', householdName: long },
    { kind: 'claim-asked', householdName: 'The Martins', word: 'otter' },
    { kind: 'claim-asked', householdName: long, word: 'mountain' },
  ];
  const frames = await Promise.all(screens.map((screen) => renderFrame(screen, target)));
  expect(new Set(frames.map(({ sha256 }) => sha256)).size).toBe(screens.length);
});
