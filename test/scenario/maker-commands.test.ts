import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { TraceSchema } from '../../device-sim/epd/replay.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const ManifestSchema = z.object({ bin: z.record(z.string(), z.string()), scripts: z.record(z.string(), z.string()) });
const BUILD_FIRST = 'npm run --silent build && node ';

/** The lines of the maker's README that are to be typed, without installing and without the tests themselves. */
async function typedLines(): Promise<string[]> {
  const readme = await readFile(path.join(ROOT, 'hardware/README.md'), 'utf8');
  const lines = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
  return lines.filter((line) => !['npm ci', 'npm run build'].includes(line) && !line.startsWith('npx vitest'));
}

/** What npm makes of a line, the build left out: it is done before the tests begin. */
function argvOf(line: string, { bin, scripts }: z.infer<typeof ManifestSchema>): string[] {
  const [npm, first = '', second = '', ...rest] = line.split(' ');
  if (npm === 'npx') return [bin[first] ?? '', second, ...rest];
  const script = scripts[second] ?? '';
  expect(script.startsWith(BUILD_FIRST), `${line}: package.json has ${script}`).toBe(true);
  return [script.slice(BUILD_FIRST.length), ...rest.slice(rest[0] === '--' ? 1 : 0)];
}

test("what the maker's README tells to type does what it says, without any hardware", { timeout: 60_000 }, async () => {
  const manifest = ManifestSchema.parse(JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')));
  const cwd = await mkdtemp(path.join(tmpdir(), 'inklet-maker-'));
  for (const folder of ['dist', 'test']) await symlink(path.join(ROOT, folder), path.join(cwd, folder));
  const told = new Map<string, string>();
  for (const line of await typedLines()) {
    const { stdout, stderr } = await run(process.execPath, argvOf(line, manifest), { cwd }).catch((refused: unknown) =>
      z.object({ stdout: z.string(), stderr: z.string() }).parse(refused),
    );
    told.set(line, `${stdout}${stderr}`);
  }
  const answers = [...told].map(([line, answer]) => [line.split(' ').slice(0, 4).join(' '), answer]);
  expect(answers).toEqual([
    ['npx inklet-panel test --panel', expect.stringMatching(/^linux\./)],
    ['npm run panels', expect.stringContaining('| `13in3e` ')],
    ['npm run sim --', expect.stringMatching(/full refresh .*\nlint: none\nthe glass shows the picture/)],
    ['npm run sim --', expect.stringMatching(/^full refresh of 800 x 480 .*\nlint: none/)],
    ['npm run sim --', expect.stringMatching(/^flow: init_fast, display\nfast refresh of 800 x 480 /)],
  ]);
  const [shown, replayed] = await Promise.all(['glass.png', 'replayed.png'].map((f) => readFile(path.join(cwd, f))));
  expect(replayed).toEqual(shown);
  TraceSchema.parse(JSON.parse(await readFile(path.join(cwd, 'trace.json'), 'utf8')));
  await rm(cwd, { recursive: true, force: true });
});
