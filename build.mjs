// Compiles the TypeScript to dist/ and lays the files beside it that the code reads at run time.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';

const ASSETS = ['cloud-api/database/migrations'];

const compiled = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (compiled.status !== 0) process.exitCode = 1;
const { layFonts } = await import('./dist/render/text/lay-fonts.js');
layFonts('node_modules', 'dist/render/fonts');
for (const folder of ASSETS)
  cpSync(folder, `dist/${folder}`, { recursive: true, filter: (file) => !file.endsWith('.ts') });
