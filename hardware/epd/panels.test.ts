import { expect, test } from 'vitest';
import { PANELS, panelSpec } from './panels.js';

test('a panel that nobody knows is an error that names the panels that there are', () => {
  for (const id of ['13in3', '', 'toString']) {
    expect(() => panelSpec(id)).toThrow(expect.objectContaining({ code: 'epd.unknown-panel' }));
    expect(() => panelSpec(id)).toThrow(Object.keys(PANELS).join(', '));
  }
});

test.each(Object.keys(PANELS))('the row of %s names its source', (id) => {
  expect(panelSpec(id).source).not.toBe('');
});
