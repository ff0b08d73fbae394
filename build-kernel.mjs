// Compiles the kernel's source to WebAssembly: the same files that TypeScript compiles to the twin.

import { readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const FOLDER = 'render/dither/kernel';

/** Where a file of the kernel has a counterpart that only AssemblyScript can read, it stands in for it. */
const STAND_INS = ['memory', 'aim-row'];

/** Imports end in .js, as Node wants them; AssemblyScript then looks for .js.ts. */
function readSource(name) {
  const standIn = STAND_INS.find((file) => name.endsWith(`/${file}.js.ts`));
  const file = standIn === undefined ? name.replace(/\.js\.ts$/, '.ts') : `${FOLDER}/${standIn}.as`;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

const { error, stderr } = await asc.main(
  [
    `${FOLDER}/entry.ts`,
    '--outFile',
    'kernel.wasm',
    '--runtime',
    'stub',
    '-O3',
    '--noAssert',
    '--enable',
    'simd',
    '--initialMemory',
    '8',
  ],
  {
    readFile: readSource,
    writeFile: (_name, bytes) => writeFileSync(`dist/${FOLDER}/kernel.wasm`, bytes),
    listFiles: () => [],
  },
);
if (error) {
  process.stderr.write(`${stderr.toString()}${error.message}\n`);
  process.exitCode = 1;
}
