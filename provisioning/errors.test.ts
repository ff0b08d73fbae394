import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
const codes = [...readFileSync(new URL('./errors.ts', import.meta.url), 'utf8').matchAll(/\| '([a-z-]+\.[a-z-]+)'/g)];

test.each(codes.map(([, code]) => code))('a technician finds what to do about %s', (code) => {
  expect(readme).toContain(`\`${code}\``);
});
