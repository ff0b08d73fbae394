import { expect, test } from 'vitest';
import { parseSimOptions, USAGE } from './options.js';

const SHOW = ['show', '--panel', '7in5_V2', '--image', 'a.png'];
const REPLAY = ['replay', 'trace.json', '--panel', '7in5_V2'];

test('every flag arrives', () => {
  const files = ['--then', 'b.png', '--out', 'glass.png', '--trace', 'trace.json'];
  expect(parseSimOptions([...SHOW, ...files, '--mode', 'grey', '--ideal', '--json'])).toEqual({
    command: 'show',
    panel: '7in5_V2',
    imageFile: 'a.png',
    thenFile: 'b.png',
    mode: 'grey',
    outFile: 'glass.png',
    traceFile: 'trace.json',
    ideal: true,
    json: true,
  });
  expect(parseSimOptions([...REPLAY, '--flow', 'init,display', '--strictness', 'strict'])).toEqual({
    command: 'replay',
    traceFile: 'trace.json',
    panel: '7in5_V2',
    flow: ['init', 'display'],
    strictness: 'strict',
    outFile: undefined,
    ideal: false,
    json: false,
  });
});

test('help is no work, and tells of every flag', () => {
  expect(parseSimOptions([])).toBeUndefined();
  expect(parseSimOptions(['replay', '--help'])).toBeUndefined();
  const flags = ['panel', 'image', 'then', 'mode', 'out', 'trace', 'ideal', 'json', 'flow', 'strictness', 'help'];
  expect(flags.filter((flag) => !USAGE.includes(`--${flag}`))).toEqual([]);
});

test.each([
  [['draw'], 'draw: the commands are show and replay'],
  [['show'], '--panel is missing; --image is missing'],
  [[...SHOW, 'b.png'], 'b.png'],
  [[...SHOW, '--flow', 'init'], '--flow'],
  [[...SHOW, '--mode', 'slow'], '--mode is none of full, fast, partial, grey'],
  [[...SHOW, '--then', ''], '--then names no file'],
  [[...SHOW, '--out', 'a', '--trace', 'a'], '--trace is the file of --out'],
  [['replay', '--panel', '7in5_V2'], 'replay takes one file'],
  [[...REPLAY, 'b.json'], 'replay takes one file'],
  [[...REPLAY, '--mode', 'full'], '--mode'],
  [[...REPLAY, '--flow', 'init,'], '--flow has an empty name'],
  [[...REPLAY, '--strictness', 'lax'], '--strictness is none of real, lint, strict'],
])('%j is refused: %s', (argv, reason) => {
  const refused = expect.objectContaining({ code: 'sim.bad-option', message: expect.stringContaining(reason) });
  expect(() => parseSimOptions(argv)).toThrow(refused);
});

test.each([
  [[...SHOW, '--flow', 'init'], "Unknown option '--flow'"],
  [['show', '--image', '--then'], "Option '--image' argument is ambiguous."],
])('%j is told in one short line, without advice on names that begin with a dash', (argv, message) => {
  expect(() => parseSimOptions(argv)).toThrow(expect.objectContaining({ code: 'sim.bad-option', message }));
});
