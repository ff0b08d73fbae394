import assert from 'node:assert';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { test as base, expect } from 'vitest';
import { panelSpec } from '../../hardware/index.js';
import { frameToPng, pngToFrame, renderInput } from '../../render/index.js';
import { parseRenderOptions } from './options.js';
import { type RenderReport, renderCommand } from './render-command.js';

const test = base.extend<{ dir: string; run: (...argv: string[]) => Promise<RenderReport> }>({
  dir: async ({ task: _ }, use) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'inklet-render-command-'));
    await use(dir);
    rmSync(dir, { recursive: true });
  },
  run: async ({ dir }, use) => {
    await use(async (...argv) => {
      const options = parseRenderOptions([...argv, '--out', path.join(dir, 'frame.bin')]);
      assert(options !== undefined);
      return await renderCommand(options, {
        panelSpec,
        renderInput,
        frameToPng,
        readFile,
        writeFile,
        now: () => 0,
      });
    });
  },
});

async function photo(dir: string): Promise<string> {
  const file = path.join(dir, 'photo.png');
  await sharp({ create: { width: 90, height: 60, channels: 3, background: '#b04020' } })
    .png()
    .toFile(file);
  return file;
}

test('the report tells what was written', async ({ dir, run }) => {
  const png = path.join(dir, 'frame.png');
  const report = await run('--text', 'Bread', '--png', png);
  const bytes = readFileSync(path.join(dir, 'frame.bin'));
  expect(report).toMatchObject({
    panel: '7in5_V2',
    width: 800,
    height: 480,
    bitsPerPixel: 1,
    bytes: 48_000,
    warnings: [],
  });
  expect(report.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect((await pngToFrame(readFileSync(png), ['black', 'white'])).sha256).toBe(report.sha256);
});

test('a panel gets a picture of its size in its own packing, and in any other', async ({ dir, run }) => {
  const file = await photo(dir);
  for (const id of ['2in13_V4', '7in5b_V2', '4in0e']) {
    const { width, height, inks } = panelSpec(id);
    const own = inks.length <= 2 ? 1 : inks.length <= 4 ? 2 : 4;
    for (const [packing, bits] of [
      [undefined, own],
      ['mono', 1],
      ['g4', 2],
      ['c6', 4],
    ] as const) {
      const flags = packing === undefined ? [] : ['--packing', packing];
      const { bytes } = await run('--panel', id, '--image', file, ...flags);
      expect(bytes, `${id} ${packing}`).toBe(Math.ceil((width * bits) / 8) * height);
    }
  }
});

test('packed for a Spectra 6 controller, blue is 5, green 6, and nothing is 4', async ({ dir, run }) => {
  const file = path.join(dir, 'scene.json');
  const strip = (ink: string) => ({ type: 'column', ink, grow: 1, children: [] });
  const inks = ['black', 'white', 'yellow', 'red', 'blue', 'green'];
  writeFileSync(file, JSON.stringify({ version: 1, root: { type: 'row', children: inks.map(strip) } }));
  await run('--panel', '7in5_V2', '--scene', file, '--packing', 'c6');
  const row = readFileSync(path.join(dir, 'frame.bin')).subarray(0, 400);
  expect([...new Set(row)].filter((byte) => byte >> 4 === (byte & 15))).toEqual([0x00, 0x11, 0x22, 0x33, 0x55, 0x66]);
});

test('a screen is built from its data', async ({ dir, run }) => {
  const file = path.join(dir, 'data.json');
  writeFileSync(file, JSON.stringify({ text: 'Bread rises at seven' }));
  expect((await run('--panel', '7in3e', '--screen', 'message', '--data', file)).bytes).toBe(192_000);
});

test('a scene shows the pictures that it is given by name', async ({ dir, run }) => {
  const file = path.join(dir, 'scene.json');
  writeFileSync(file, JSON.stringify({ version: 1, root: { type: 'image', asset: 'cat' } }));
  await run('--scene', file, '--asset', `cat=${await photo(dir)}`);
  await expect(run('--scene', file)).rejects.toMatchObject({ code: 'render.bad-scene' });
});

test('what goes wrong is named by the file or the flag', async ({ dir, run }) => {
  const file = path.join(dir, 'broken.json');
  writeFileSync(file, '{"version":');
  const unreadable = { code: 'file.unreadable', message: expect.stringContaining('broken.json is no JSON') };
  await expect(run('--scene', file)).rejects.toMatchObject(unreadable);
  await expect(run('--image', path.join(dir, 'none'))).rejects.toMatchObject({ code: 'file.unreadable' });
  await expect(run('--image', file)).rejects.toMatchObject({ code: 'render.picture-unknown-format' });
  await expect(run('--text', 'a', '--png', dir)).rejects.toMatchObject({ code: 'file.unwritable' });
  const unknown = { code: 'epd.unknown-panel', message: expect.stringContaining('7in5_V2') };
  await expect(run('--panel', '9in9', '--text', 'a')).rejects.toMatchObject(unknown);
});

test('a measurement of the inks is named with or without its glass', async ({ dir, run }) => {
  const file = await photo(dir);
  const short = await run('--panel', '7in3e', '--image', file, '--profile', 'aitjcize');
  const long = await run('--panel', '7in3e', '--image', file, '--profile', 'spectra6-aitjcize');
  const other = await run('--panel', '7in3e', '--image', file, '--profile', 'spectro');
  expect(short.sha256).toBe(long.sha256);
  expect(short.sha256).not.toBe(other.sha256);
  const unknown = { code: 'render.unknown-profile', message: expect.stringContaining('spectra6-aitjcize') };
  await expect(run('--panel', '7in3e', '--image', file, '--profile', 'mine')).rejects.toMatchObject(unknown);
  await expect(run('--panel', '7in3e', '--text', 'Milk', '--profile', 'mine')).rejects.toMatchObject(unknown);
});

test('letters too small to read from where people stand are told', async ({ run }) => {
  const { warnings } = await run('--text', 'Bread rises at seven. '.repeat(400));
  expect(warnings.map(({ code }) => code)).toContain('render.text-too-small');
});
