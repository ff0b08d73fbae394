import * as source from '@mdi/js';
import { expect, test } from 'vitest';
import { ICON_PATHS } from './icon-paths.js';
import { ICON_NAMES } from './names.js';

test('every outline is that of its source, letter for letter', () => {
  const theirs = new Map<string, unknown>(Object.entries(source));
  for (const [name, icon] of Object.entries(ICON_PATHS)) expect(icon.path, name).toBe(theirs.get(icon.source));
});

test('every name has an outline', () => {
  expect(Object.keys(ICON_PATHS).sort()).toEqual([...ICON_NAMES].sort());
});
