import { expect, test } from 'vitest';
import { parseQueueOptions } from './options.js';

test('a file is looked into in one of three ways', () => {
  expect(parseQueueOptions(['inspect', 'hub.sqlite', '--json'])).toEqual({
    ...{ what: 'inspect', file: 'hub.sqlite', out: undefined, withNames: false, json: true },
  });
  expect(parseQueueOptions(['export', '.', '--out', 'x.jsonl'])).toMatchObject({ what: 'export', out: 'x.jsonl' });
  expect(parseQueueOptions(['--help'])).toBeUndefined();
});

test.each([
  [[], 'say what is to be done: inspect, export or verify; say which file'],
  [['repair', 'x'], 'say what is to be done: inspect, export or verify'],
  [['verify'], 'say which file'],
  [['verify', ''], 'the name of the file is empty'],
  [['verify', 'x', 'y'], 'one file at a time'],
  [['verify', 'x', '--out', 'y'], '--out and --with-names belong to export'],
  [['verify', 'x', '--fix'], "Unknown option '--fix'"],
])('%j is refused: %s', (argv, message) => {
  expect(() => parseQueueOptions(argv)).toThrow(expect.objectContaining({ code: 'config.invalid', message }));
});
