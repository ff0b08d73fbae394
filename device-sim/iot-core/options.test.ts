import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseStandInOptions, USAGE } from './options.js';

test('without flags the usual ports and a folder of its own are taken', () => {
  expect(parseStandInOptions([])).toEqual({
    port: 8883,
    adminPort: 8884,
    controlPort: 8885,
    dir: '.iot-core',
    denied: 'reason-code',
    rates: 'aws',
    json: false,
  });
  expect(parseStandInOptions(['--help'])).toBeUndefined();
});

test.for([
  [['--port', 'x'], '--port is not a whole number'],
  [['--port', '65536', '--denied', 'maybe'], '--port is above 65535; --denied is reason-code or disconnect'],
  [['--dir', ''], '--dir names no folder'],
  [['--prot', '1'], "Unknown option '--prot'"],
] as const)('%j is refused by name', ([argv, message]) => {
  expect(() => parseStandInOptions(argv)).toThrow(
    expect.objectContaining({ code: 'iot.bad-option', message: expect.stringContaining(message) }),
  );
});

test('the README shows the help as it is', () => {
  expect(readFileSync('device-sim/README.md', 'utf8')).toContain(USAGE);
});
