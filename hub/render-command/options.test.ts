import { expect, test } from 'vitest';
import { parseRenderOptions } from './options.js';

test('an image for a panel is drawn whole and normally, in the inks of the panel', () => {
  expect(parseRenderOptions(['--panel', '7in3e', '--image', 'a.jpg', '--out', 'f.bin'])).toEqual({
    source: { kind: 'image', file: 'a.jpg' },
    panel: '7in3e',
    mode: 'normal',
    fit: 'fit',
    assets: [],
    out: 'f.bin',
    json: false,
  });
});

test('every flag is heard', () => {
  const flags = [
    '--scene',
    's.json',
    '--asset',
    'cat=c=1.png',
    '--asset',
    'dog=d.png',
    '--mode',
    'best',
    '--fit',
    'fill',
  ];
  const more = ['--profile', 'spectro', '--packing', 'c6', '--png', 'p.png', '--json'];
  expect(parseRenderOptions([...flags, ...more])).toMatchObject({
    source: { kind: 'scene', file: 's.json' },
    assets: [
      { name: 'cat', file: 'c=1.png' },
      { name: 'dog', file: 'd.png' },
    ],
    mode: 'best',
    fit: 'fill',
    profile: 'spectro',
    packing: 'c6',
    png: 'p.png',
    json: true,
  });
});

test('help is asked for with --help alone', () => {
  expect(parseRenderOptions(['--help'])).toBeUndefined();
});

test.each([
  [['--text', 'a'], '--out or --png is needed'],
  [['--out', 'f'], 'one of --image, --text, --scene and --screen is needed'],
  [['--text', 'a', '--image', 'b', '--out', 'f'], 'one of --image, --text, --scene and --screen is needed'],
  [['--screen', 'clock', '--out', 'f'], '--data is needed'],
  [['--text', 'a', '--data', 'd.json', '--out', 'f'], '--screen is needed'],
  [['--text', 'a', '--out', 'f', '--mode', 'fast'], '--mode is none of stable, normal and best'],
  [['--text', 'a', '--out', 'f', '--packing', 'rgb'], '--packing is none of mono, g4 and c6'],
  [['--text', 'a', '--out', 'f', '--asset', 'cat'], '--asset is no NAME=FILE'],
  [['--text', 'a', '--out', 'f', 'more'], "argument 'more'"],
  [['--txt', 'a'], '--txt'],
  [['--image=', '--out', 'f'], '--image is empty'],
])('%j is refused, and says why', (argv, reason) => {
  expect(() => parseRenderOptions(argv)).toThrow(
    expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining(reason) }),
  );
});

test.each([
  [['--txt', 'a'], "Unknown option '--txt'"],
  [['--panel', '--text'], "Option '--panel' argument is ambiguous."],
])('%j is told in one short line, without advice on names that begin with a dash', (argv, message) => {
  expect(() => parseRenderOptions(argv)).toThrow(expect.objectContaining({ code: 'config.invalid', message }));
});
