import { execFileSync } from 'node:child_process';

/** Builds dist/ once per test run, so that tests can start the real processes. */
export function setup(): void {
  execFileSync('node', ['build.mjs'], { stdio: 'inherit' });
}
