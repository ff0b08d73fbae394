import { expect, test } from 'vitest';
import { panelRows } from './panel-rows.js';
import { PANELS } from './panels.js';

test('every panel has its row, in the order of the table', () => {
  expect(panelRows().map(({ id }) => id)).toEqual(Object.keys(PANELS));
});

test('an ability that a panel has not is absent, and four greys name their inks', () => {
  const abilities = new Map(panelRows().map((row) => [row.id, row.abilities]));
  expect(abilities.get('7in5_V2')).toEqual({
    full: { refreshMs: 4_200 },
    fast: { refreshMs: 1_171 },
    partial: { refreshMs: 435 },
    grey: { refreshMs: 2_000, inks: ['black', 'dark-grey', 'light-grey', 'white'] },
  });
  expect(abilities.get('7in3e')).toEqual({ full: { refreshMs: 12_500 } });
});
