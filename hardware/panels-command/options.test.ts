import { expect, test } from 'vitest';
import { parsePanelsOptions } from './options.js';

test('without flags it is the table for people, with --json the rows for programs', () => {
  expect(parsePanelsOptions([])).toEqual({ json: false });
  expect(parsePanelsOptions(['--json'])).toEqual({ json: true });
  expect(parsePanelsOptions(['--json', '--help'])).toBeUndefined();
});

test.each([
  [['--jsno'], '--jsno'],
  [['7in5_V2'], '7in5_V2'],
  [['--json=yes'], '--json'],
])('%j is refused by its name', (argv, named) => {
  const refused = expect.objectContaining({ code: 'panels.bad-option', message: expect.stringContaining(named) });
  expect(() => parsePanelsOptions(argv)).toThrow(refused);
});
