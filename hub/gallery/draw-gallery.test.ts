import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PANELS } from '../../hardware/index.js';
import { EXAMPLES_DIR, frameToPng, pngToFrame, renderInput, SCREEN_NAMES, SCREENS } from '../../render/index.js';
import { drawGallery } from './draw-gallery.js';
import { parseGalleryOptions } from './options.js';

const DEPS = {
  screens: SCREENS,
  renderInput,
  frameToPng,
  readExample: async (name: string) => readFileSync(path.join(EXAMPLES_DIR, `${name}.json`), 'utf8'),
  tell: () => {},
};

test('the page shows each picture that was written, light and dark, and asks nothing of the net', async () => {
  const files = new Map<string, Uint8Array | string>();
  const options = parseGalleryOptions(['--out', 'g', '--screen', 'clock', '--panel', '7in5_V2', '--panel', '2in13_V4']);
  if (options === undefined) throw new TypeError('no options');
  const writeFile = async (file: string, bytes: Uint8Array | string) => void files.set(file, bytes);
  expect(await drawGallery(options, { ...DEPS, writeFile })).toBe(6);
  const page = String(files.get(path.join('g', 'index.html')));
  const shown = [...page.matchAll(/ src="([^"]+)"/g)].map(([, file]) => path.join('g', file ?? ''));
  expect(shown.sort()).toEqual([...files.keys()].filter((file) => file.endsWith('.png')).sort());
  expect(page).not.toMatch(/https?:|<script|@import/);
  const upright = files.get(path.join('g', 'clock-7in5_V2-upright-dark.png'));
  if (typeof upright !== 'object') throw new TypeError('no picture');
  expect(await pngToFrame(upright, PANELS['7in5_V2'].inks)).toMatchObject({ width: 480, height: 800 });
});

test('left alone it draws every screen on every panel into gallery/', () => {
  expect(parseGalleryOptions([])).toEqual({ out: 'gallery', screens: SCREEN_NAMES, panels: Object.keys(PANELS) });
  expect(parseGalleryOptions(['--help'])).toBeUndefined();
});

test.each([
  [['--screen', 'wether'], 'config.invalid'],
  [['--panel', '9in9'], 'epd.unknown-panel'],
  [['--colour'], 'config.invalid'],
  [['more'], 'config.invalid'],
])('%j is refused with %s', (argv, code) => {
  expect(() => parseGalleryOptions(argv)).toThrow(expect.objectContaining({ code }));
});

test('a folder that cannot be written to is an error that names the file', async () => {
  const writeFile = () => Promise.reject(new TypeError('read-only'));
  const options = { out: 'g', screens: ['clock'], panels: ['2in13_V4'] };
  await expect(drawGallery(options, { ...DEPS, writeFile })).rejects.toMatchObject({
    code: 'file.unwritable',
    message: expect.stringContaining('clock-2in13_V4-light.png'),
  });
});
