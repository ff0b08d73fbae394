import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { test as base, expect } from 'vitest';
import { entryFile } from '../worker/entry-file.js';

/** What reading any picture may add to a process: a hub of 512 MB lives with it. */
const MOST_GROWTH_MB = 224;

const test = base.extend<{ growthMbOf: (picture: Buffer) => Promise<number> }>({
  growthMbOf: async ({ task: _ }, use) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'inklet-memory-'));
    const { url, execArgv } = entryFile('../../test/support/picture-memory');
    await use(async (picture) => {
      const file = path.join(folder, 'picture');
      writeFileSync(file, picture);
      const { stdout } = await promisify(execFile)(process.execPath, [...execArgv, fileURLToPath(url), file]);
      return Number(stdout);
    });
    rmSync(folder, { recursive: true });
  },
});

function flat(width: number, height: number, channels: 3 | 4 = 3) {
  return sharp({ create: { width, height, channels, background: { r: 255, g: 128, b: 0, alpha: 0.5 } } });
}

/** Each just within its limit. */
const LARGEST = {
  'a JPEG of 50 megapixels': () => flat(8000, 6250).jpeg(),
  'a JPEG of 50 megapixels that lies on its side': () => flat(8000, 6250).withMetadata({ orientation: 6 }).jpeg(),
  'a progressive JPEG with all its colour': () =>
    flat(4400, 4000).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'a progressive JPEG with halved colour': () =>
    flat(6000, 5800).jpeg({ progressive: true, chromaSubsampling: '4:2:0' }),
  'a progressive JPEG in CMYK': () => flat(3700, 3600).toColourspace('cmyk').jpeg({ progressive: true }),
  'a PNG of 50 megapixels': () => flat(8000, 6250).png(),
  'a wide PNG': () => flat(32_000, 1200).png(),
  'a wide PNG in 16 bits': () => flat(32_000, 260, 4).toColourspace('rgb16').png(),
  'a PNG in 16 bits': () => flat(5000, 4000, 4).toColourspace('rgb16').png(),
  'an interlaced PNG': () => flat(6000, 5800).png({ progressive: true }),
  'a GIF': () => flat(5000, 5000).gif(),
  'a wide WebP': () => flat(16_383, 2400, 4).webp({ lossless: true }),
};

for (const [name, picture] of Object.entries(LARGEST)) {
  test(`${name} leaves room for the hub`, async ({ growthMbOf }) => {
    expect(await growthMbOf(await picture().toBuffer())).toBeLessThan(MOST_GROWTH_MB);
  });
}
