import jsQR from 'jsqr';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { type RenderTarget, readScene, renderInput, unpackFrame } from '../index.js';

const MONO = { width: 200, height: 100, inks: ['black', 'white'] };
const SIX = { ...MONO, inks: ['black', 'white', 'yellow', 'red', 'blue', 'green'] };
const GREYS = { ...MONO, inks: ['black', 'dark-grey', 'light-grey', 'white'] };

async function draw(root: object, target: RenderTarget = MONO, more: { theme?: string } = {}, assets = {}) {
  const scene = readScene({ version: 1, root, ...more });
  const { frame, warnings } = await renderInput({ kind: 'scene', scene, assets }, target);
  const indexes = unpackFrame(frame);
  const at = (x: number, y: number) => target.inks[indexes[y * target.width + x] ?? -1];
  const used = new Set([...indexes].map((ink) => target.inks[ink]));
  return { at, used, warnings, indexes };
}

const column = (...children: object[]) => ({ type: 'column', children });

test('the theme swaps text and background, and leaves inks that are named as they are', async () => {
  const root = column({ type: 'box', ink: 'text', height: 10 }, { type: 'box', ink: 'red', height: 10 });
  const light = await draw(root, SIX);
  const dark = await draw(root, SIX, { theme: 'dark' });
  expect([light.at(5, 5), light.at(5, 15), light.at(5, 50)]).toEqual(['black', 'red', 'white']);
  expect([dark.at(5, 5), dark.at(5, 15), dark.at(5, 50)]).toEqual(['white', 'red', 'black']);
});

test('an area in an ink that the panel lacks becomes black or white by how light the ink is', async () => {
  const areas = column(
    ...['red', 'yellow', 'dark-grey', 'light-grey'].map((ink) => ({ type: 'box', ink, height: 20 })),
  );
  const mono = await draw(areas);
  expect([10, 30, 50, 70].map((y) => mono.at(3, y))).toEqual(['black', 'white', 'black', 'white']);
  const greys = await draw(areas, GREYS);
  expect([10, 30, 50, 70].map((y) => greys.at(3, y))).toEqual(['black', 'white', 'dark-grey', 'light-grey']);
});

test('a line in an ink that the panel lacks never vanishes into what lies behind it', async () => {
  const line = { type: 'line', thickness: 10, ink: 'yellow' };
  const root = column(line, { type: 'column', ink: 'text', children: [line] });
  const { at } = await draw(root);
  expect([at(5, 5), at(5, 15)]).toEqual(['black', 'white']);
});

test('text, lines and icons are never dithered, pictures and regions always', async () => {
  const sharpOnes = column({ type: 'text', text: 'Bread', size: 30 }, {});
  sharpOnes.children[1] = { type: 'icon', name: 'clear-day', size: 30, ink: 'light-grey' };
  expect((await draw(sharpOnes, GREYS)).used).toEqual(new Set(['black', 'white', 'light-grey']));
  const region = await draw({ type: 'region', fill: '#808080' });
  const black = region.indexes.filter((ink) => ink === 0).length / region.indexes.length;
  expect(black).toBeGreaterThan(0.4);
  expect(black).toBeLessThan(0.9);
});

test('a gradient is lighter where it begins light', async () => {
  const { indexes } = await draw({ type: 'region', fill: { from: '#ffffff', to: '#000000', direction: 'across' } });
  const white = (from: number, to: number) =>
    indexes.filter((ink, at) => at % 200 >= from && at % 200 < to && ink === 1).length;
  expect(white(0, 60)).toBeGreaterThan(white(70, 130));
  expect(white(70, 130)).toBeGreaterThan(white(140, 200));
});

test('a picture stays in its box', async () => {
  const dark = await sharp({ create: { width: 30, height: 30, channels: 3, background: '#000000' } })
    .png()
    .toBuffer();
  const image = { type: 'image', asset: 'dark', fit: 'fill', width: 60 };
  const { at } = await draw({ type: 'row', padding: 10, children: [image] }, MONO, {}, { dark });
  expect([at(9, 50), at(10, 10), at(69, 89), at(70, 50), at(30, 9), at(30, 90)]).toEqual([
    ...['white', 'black', 'black', 'white', 'white', 'white'],
  ]);
});

test('a picture that is not there, or is broken, is refused by the path of its node', async () => {
  const root = column({ type: 'image', asset: 'cat' });
  const absent = { code: 'render.bad-scene', message: expect.stringContaining('root.children[0].asset') };
  await expect(draw(root)).rejects.toMatchObject(absent);
  const broken = { code: 'render.picture-unknown-format', message: expect.stringContaining('root.children[0]: ') };
  await expect(draw(root, MONO, {}, { cat: Buffer.from('no picture') })).rejects.toMatchObject(broken);
  await expect(draw(column({ type: 'image', asset: 'toString' }))).rejects.toMatchObject(absent);
});

test.each(['light', 'dark'])('a QR code can be read on a %s theme', async (theme) => {
  const side = { width: 120, height: 120, inks: MONO.inks };
  const { indexes } = await draw({ type: 'qr', text: 'https://inklet.example' }, side, { theme });
  const rgba = Uint8ClampedArray.from([...indexes].flatMap((ink) => [ink * 255, ink * 255, ink * 255, 255]));
  expect(jsQR.default(rgba, 120, 120)?.data).toBe('https://inklet.example');
});

test('a QR code that cannot fit is refused by its path', async () => {
  const root = column({ type: 'qr', text: 'x'.repeat(500), height: 20 });
  const bad = { code: 'render.qr-too-long', message: expect.stringContaining('root.children[0]: ') };
  await expect(draw(root)).rejects.toMatchObject(bad);
});

test('a bar is filled up to its share', async () => {
  const { at } = await draw(column({ type: 'progress', share: 0.5, height: 20 }));
  expect([at(60, 10), at(140, 10), at(140, 0)]).toEqual(['black', 'white', 'black']);
});

test('bars stand on zero, negative ones hang from it, and a gap stays free', async () => {
  const { at } = await draw({ type: 'chart', kind: 'bars', values: [10, -10, null, 5] });
  expect([at(25, 5), at(25, 60), at(75, 40), at(75, 95), at(125, 60), at(175, 40), at(175, 10)]).toEqual([
    ...['black', 'white', 'white', 'black', 'white', 'black', 'white'],
  ]);
});

test('a sparkline runs from value to value and stops at a gap', async () => {
  const { at, indexes } = await draw({ type: 'chart', kind: 'sparkline', values: [0, 0, null, 10, 10], thickness: 4 });
  expect([at(10, 98), at(190, 2), at(100, 50)]).toEqual(['black', 'black', 'white']);
  const inGap = indexes.filter((ink, index) => ink === 0 && index % 200 > 55 && index % 200 < 145);
  expect(inGap).toHaveLength(0);
});

test.each([[[5]], [[null]], [[null, null, 3, null]], [[0, 0]], [[1e12, -1e12]]])(
  'a chart of %j is drawn',
  async (values) => {
    for (const kind of ['bars', 'sparkline']) {
      const chart = { type: 'chart', kind, values, axis: true, labels: ['a', 'b'], bounds: { min: '0', max: '9' } };
      expect((await draw(chart)).used.size).toBe(2);
    }
  },
);

test('what disappoints is told by its path: text cut, letters too small, no glyph, too little room', async () => {
  const far = { ...MONO, ppi: 125, viewingDistanceMm: 2_000 };
  const long = { type: 'text', text: 'Bread rises at seven. '.repeat(30), size: 30 };
  const { warnings } = await draw(column(long, { type: 'text', text: 'a', size: 9 }, { type: 'box', height: 90 }), far);
  const told = warnings.map(({ code, path }) => `${code} ${path}`);
  expect(told).toContain('render.text-cut root.children[0]');
  expect(told).toContain('render.text-too-small root.children[1]');
  expect(told).toContain('render.overflow root.children[2]');
  const noGlyph = await draw({ type: 'text', text: '\u{10fffd}', size: 20 });
  expect(noGlyph.warnings.map(({ code }) => code)).toEqual(['render.glyph-missing']);
  for (const { message } of warnings) expect(message).not.toContain('Bread');
});

test('a scene with nothing in it is a blank sheet', async () => {
  expect((await draw(column())).used).toEqual(new Set(['white']));
});
