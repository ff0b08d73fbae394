import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { COMPILER } from '../fault/power/record.js';

/** What can compile the recorder of writes, in a list that is empty on a machine without it; CI must have it. */
export function compilers(): string[] {
  if (spawnSync(COMPILER, ['--version']).status === 0) return [COMPILER];
  expect(process.env.CI, 'CI must have the Debian package build-essential').toBeUndefined();
  return [];
}
