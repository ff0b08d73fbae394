import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect } from 'vitest';
import { pngToFrame, renderFrame } from '../../render/index.js';
import { GOLDEN_CASES, GOLDEN_DIR, goldenHashes } from './cases.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const CHOSEN = ['message', 'scripts', 'qr', 'picture', 'claim-code'];

const test = base.extend<{ home: string }>({
  home: async ({ task: _ }, use) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'inklet-golden-'));
    await use(dir);
    rmSync(dir, { recursive: true });
  },
});

test.each(GOLDEN_CASES)('$name is drawn as its golden PNG shows it', async ({ name, input, target }) => {
  const frame = await renderFrame(input, target);
  const seen = await pngToFrame(readFileSync(path.join(GOLDEN_DIR, `${name}.png`)), target.inks);
  expect(frame.sha256).toBe(goldenHashes().get(name));
  expect(seen.sha256).toBe(frame.sha256);
});

test('another process, home and locale draw the same bytes, in the built product, in-thread and in its worker', async ({
  home,
}) => {
  const cases = GOLDEN_CASES.filter(({ name }) => CHOSEN.includes(name)).map(({ input, target }) => ({
    input:
      input.kind === 'page' ? { ...input, page: { ...input.page, pictures: [] }, pictures: encoded(input) } : input,
    target,
  }));
  const code = `
    import { renderFrame, startRenderer } from ${JSON.stringify(path.join(ROOT, 'dist/render/index.js'))};
    const renderer = startRenderer({ cacheDir: process.env.HOME + '/cache' });
    const hashes = [];
    for (const { input, target } of JSON.parse(process.argv[1])) {
      if (input.kind === 'page') input.page.pictures = input.pictures.map((text) => Buffer.from(text, 'base64'));
      const there = await renderer.render(input, target);
      const here = await renderFrame(input, target);
      hashes.push([there.sha256, here.sha256]);
    }
    await renderer.stop();
    process.stdout.write(JSON.stringify(hashes));`;
  const args = ['--input-type=module', '--eval', code, JSON.stringify(cases)];
  const env = { HOME: home, TMPDIR: home, PATH: '/usr/bin:/bin', LANG: 'tr_TR.UTF-8', LC_ALL: 'C', TZ: 'Asia/Tokyo' };
  const { stdout } = await run(process.execPath, args, { cwd: home, env });
  const golden = goldenHashes();
  expect(JSON.parse(stdout)).toEqual(CHOSEN.map((name) => [golden.get(name), golden.get(name)]));
});

function encoded(input: { page: { pictures: readonly Uint8Array[] } }): string[] {
  return input.page.pictures.map((bytes) => Buffer.from(bytes).toString('base64'));
}
