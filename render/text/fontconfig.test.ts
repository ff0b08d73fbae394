import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FONT_FAMILIES } from './fontconfig.js';

// SIL Open Font License 1.1, condition 2: copies carry the notice and the licence.
test.each(FONT_FAMILIES.split(','))('%s is named with its licence, which lies in its package', (family) => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const licence = readme.slice(readme.indexOf('## Licence'));
  expect(licence).toMatch(new RegExp(`${family}\\b.*SIL Open Font License`, 's'));
  const folder = family.toLowerCase().replaceAll(' ', '-');
  const file = new URL(`../../node_modules/@expo-google-fonts/${folder}/LICENSE_FONT`, import.meta.url);
  expect(readFileSync(file, 'utf8')).toContain('SIL Open Font License, Version 1.1');
});
