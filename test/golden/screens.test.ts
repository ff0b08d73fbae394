import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect } from 'vitest';
import { pngToFrame, renderFrame } from '../../render/index.js';
import { goldenHashes, SCREENS_DIR } from './cases.js';
import { SCREEN_CASES } from './screen-cases.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const ELSEWHERE = [
  { LANG: 'tr_TR.UTF-8', LC_ALL: 'C', TZ: 'Asia/Tokyo' },
  { LANG: 'ar_EG.UTF-8', LANGUAGE: 'ar', TZ: 'America/St_Johns' },
];
const CODE = `
  import { readFileSync } from 'node:fs';
  import { renderFrame } from ${JSON.stringify(path.join(ROOT, 'dist/render/index.js'))};
  const hashes = [];
  for (const { input, target } of JSON.parse(readFileSync('cases.json'))) {
    hashes.push((await renderFrame(input, target)).sha256);
  }
  process.stdout.write(JSON.stringify(hashes));`;

const test = base.extend<{ home: string }>({
  home: async ({ task: _ }, use) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'inklet-golden-'));
    await use(dir);
    rmSync(dir, { recursive: true });
  },
});

test.each(SCREEN_CASES)('$name is drawn as its golden PNG shows it', async ({ name, input, target }) => {
  const frame = await renderFrame(input, target);
  const seen = await pngToFrame(readFileSync(path.join(SCREENS_DIR, `${name}.png`)), target.inks);
  expect(frame.sha256).toBe(goldenHashes(SCREENS_DIR).get(name));
  expect(seen.sha256).toBe(frame.sha256);
});

test.for(ELSEWHERE)('screens are the same bytes in the built product under %j', async (surroundings, { home }) => {
  const cases = SCREEN_CASES.filter(({ name }) => name.endsWith('2in13_V4'));
  writeFileSync(path.join(home, 'cases.json'), JSON.stringify(cases));
  const env = { HOME: home, TMPDIR: home, PATH: '/usr/bin:/bin', ...surroundings };
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', CODE], { cwd: home, env });
  const golden = goldenHashes(SCREENS_DIR);
  expect(JSON.parse(stdout)).toEqual(cases.map(({ name }) => golden.get(name)));
});
