import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { writeDurably } from './durable-file.js';
import { test } from './test-site.js';

const SOURCE = fileURLToPath(new URL('./durable-file.ts', import.meta.url));
const LIMIT_KIB = 4;

/** Writes in a process whose files may not grow beyond a limit: the kernel takes a part, as on a disk that becomes full. */
function writeWithLimit(file: string, text: string): number | null {
  const program = `import(${JSON.stringify(SOURCE)}).then((m) => m.writeDurably(process.argv[1], process.argv[2]))`;
  const command = `ulimit -f ${LIMIT_KIB}; exec "$0" --import tsx --eval ${JSON.stringify(program)} "$1" "$2"`;
  return spawnSync('bash', ['-c', command, process.execPath, file, text]).status;
}

test('a file is replaced whole, for its owner alone, and leaves no draft', ({ site }) => {
  const file = path.join(site.dir, 'state.json');
  writeDurably(file, 'old');
  writeDurably(file, 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(readdirSync(site.dir)).toEqual(['state.json']);
});

// The registry of a stand-in on a full disk was cut off in the middle, and every request answered as if it had been kept.
test('a disk that becomes full leaves the old text, and the writer is told', ({ site }) => {
  const file = path.join(site.dir, 'state.json');
  expect(writeWithLimit(file, 'old')).toBe(0);
  expect(writeWithLimit(file, 'x'.repeat(LIMIT_KIB * 1024 + 1))).not.toBe(0);
  expect(readFileSync(file, 'utf8')).toBe('old');
});
