// Compiles the TypeScript to dist/ and lays the files beside it that the code reads at run time.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';

const ASSETS = ['cloud-api/database/migrations', 'render/screens/examples', 'test/fault/power'];
/** What is made of the compiled code: the dither kernel in WebAssembly, and the tables that it reads. */
const MADE = [['build-kernel.mjs'], ['dist/render/dither/tables/main.js']];

const compiled = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (compiled.status !== 0) process.exitCode = 1;
const { layFonts } = await import('./dist/render/text/lay-fonts.js');
layFonts('node_modules', 'dist/render/fonts');
for (const folder of ASSETS)
  cpSync(folder, `dist/${folder}`, { recursive: true, filter: (file) => !file.endsWith('.ts') });
for (const script of MADE) {
  if (spawnSync(process.execPath, script, { stdio: 'inherit' }).status !== 0) process.exitCode = 1;
}
