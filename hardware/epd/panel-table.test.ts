import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { panelTable } from './panel-table.js';

test("the README's table of panels is the one that is printed from the data", () => {
  const readme = readFileSync(path.join(import.meta.dirname, '..', 'README.md'), 'utf8');
  expect(readme).toContain(`\n${panelTable()}\n`);
});
