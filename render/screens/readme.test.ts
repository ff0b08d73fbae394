import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SCREENS } from './screens.js';
import { ScreenSettingsSchema } from './settings.js';

const README = readFileSync(path.join(import.meta.dirname, '..', 'README.md'), 'utf8');

/** The cells of each row of the table under a heading, its head left out. */
function tableUnder(heading: string): string[][] {
  const section = README.split(`\n${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const table = /\n(\|.*\n)+/.exec(`\n${section}`)?.[0] ?? '';
  const rows = table.trim().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('the table of screens in the README is the one of the registry', () => {
  const rows = Object.entries(SCREENS).map(([name, { shows }]) => {
    return [`\`${name}\``, shows, `[${name}.json](screens/examples/${name}.json)`];
  });
  expect(tableUnder('## Screens')).toEqual(rows);
});

test('the table of settings in the README has every setting', () => {
  const rows = Object.keys(ScreenSettingsSchema.shape).map((name) => `\`${name}\``);
  expect(tableUnder('### Settings').map(([name]) => name)).toEqual(rows);
});
