// Compiles the kernel's source to WebAssembly: the same files that TypeScript compiles to the twin.

import { readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const FOLDER = 'render/dither/kernel';

/** What `memory.ts` is in WebAssembly. */
const MEMORY = `
@inline export function byteAt(at: i32): i32 { return load<u8>(at) }
@inline export function halfAt(at: i32): i32 { return load<u16>(at) }
@inline export function wordAt(at: i32): i32 { return load<i32>(at) }
@inline export function setByte(at: i32, value: i32): void { store<u8>(at, value) }
@inline export function setWord(at: i32, value: i32): void { store<i32>(at, value) }`;

/** Imports end in .js, as Node wants them; AssemblyScript then looks for .js.ts. */
function readSource(name) {
  if (name.endsWith('memory.js.ts')) return MEMORY;
  try {
    return readFileSync(name.replace(/\.js\.ts$/, '.ts'), 'utf8');
  } catch {
    return null;
  }
}

const { error, stderr } = await asc.main(
  [`${FOLDER}/entry.ts`, '--outFile', 'kernel.wasm', '--runtime', 'stub', '-O3', '--noAssert', '--initialMemory', '8'],
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
