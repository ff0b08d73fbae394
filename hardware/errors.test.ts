import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const source = readFileSync(new URL('./errors.ts', import.meta.url), 'utf8');
const codes = [...source.matchAll(/\| '([a-z-]+\.[a-z-]+)'/g)].map(([, code]) => code);
const [, troubles = ''] = readFileSync(new URL('./README.md', import.meta.url), 'utf8').split(
  '\n## It does not work\n',
);
const symptoms = [...troubles.matchAll(/^\| ([^|]+) \|/gm)].map(([, symptom = '']) => symptom);

test('the codes are found', () => {
  expect(codes.length).toBeGreaterThan(30);
});

test.each(codes)('a maker finds what to do about %s', (code) => {
  expect(symptoms.filter((symptom) => symptom.includes(`\`${code}\``)).length).toBe(1);
});
