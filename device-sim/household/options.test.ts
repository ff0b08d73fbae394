import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseOptions, portsFor, USAGE } from './options.js';

test('without a flag the household stays up in .inklet on the usual ports', () => {
  const options = parseOptions([]);
  expect(options).toEqual({
    once: undefined,
    panel: '7in5_V2',
    home: '.inklet',
    portBase: undefined,
    json: false,
    fresh: false,
  });
  expect(portsFor({ portBase: undefined, once: undefined })).toEqual({
    cloud: 3000,
    hub: 8080,
    glass: 8081,
    iotCore: 8883,
  });
});

test('every flag arrives', () => {
  const argv = ['--once', 'Bread', '--panel', '7in5_V2', '--home', 'a b', '--port-base', '65532', '--json', '--fresh'];
  expect(parseOptions(argv)).toEqual({
    once: { text: 'Bread' },
    panel: '7in5_V2',
    home: 'a b',
    portBase: 65_532,
    json: true,
    fresh: true,
  });
  expect(parseOptions(['--image', 'bread.png'])?.once).toEqual({ imageFile: 'bread.png' });
  expect(parseOptions(['--once', ''])?.once).toEqual({ text: '' });
});

test('the parts take the ports from the base on, and one message takes free ones without a base', () => {
  const once = { text: 'Bread' };
  expect(portsFor({ portBase: 4000, once })).toEqual({ cloud: 4000, hub: 4001, glass: 4002, iotCore: 4003 });
  expect(portsFor({ portBase: undefined, once })).toEqual({ cloud: 0, hub: 0, glass: 0, iotCore: 0 });
});

test('help is no household, and tells of every flag', () => {
  expect(parseOptions(['--help', '--once', 'x'])).toBeUndefined();
  const flags = ['--once', '--image', '--panel', '--home', '--port-base', '--fresh', '--json', '--help'];
  expect(flags.filter((flag) => !USAGE.includes(flag))).toEqual([]);
});

test('the README shows this help', async () => {
  expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(USAGE);
});

test.for([
  [['--sideways'], 'sideways'],
  [['bread'], 'bread'],
  [['--once'], '--once'],
  [['--once', 'x', '--image', 'y.png'], '--once cannot go with --image'],
  [['--image', ''], '--image names no file'],
  [['--home', ''], '--home names no folder'],
  [['--panel', ''], '--panel names no panel'],
  [['--port-base', 'ten'], '--port-base is not a whole number'],
  [['--port-base', ''], '--port-base is not a whole number'],
  [['--port-base', '4000.5'], '--port-base is not a whole number'],
  [['--port-base', '80'], '--port-base is below 1024'],
  [['--port-base', '65533'], '--port-base is above 65532'],
  [['--port-base', 'ten', '--home', ''], '--home names no folder; --port-base is not a whole number'],
] as const)('%j is refused: %s', ([argv, reason]) => {
  expect(() => parseOptions(argv)).toThrow(
    expect.objectContaining({ code: 'household.bad-option', message: expect.stringContaining(reason) }),
  );
});
