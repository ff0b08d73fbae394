import { expect, test } from 'vitest';
import { parsePanelTestOptions, USAGE } from './options.js';

test('without flags it is the panel that the hub takes by default', () => {
  expect(parsePanelTestOptions(['test'])).toEqual({
    panel: '7in5_V2',
    wiring: 'waveshare',
    spiDevice: '/dev/spidev0.0',
    socket: undefined,
    partials: 5,
    card: 'test',
  });
  expect(parsePanelTestOptions(['test', '--partials', '0'])).toMatchObject({ partials: 0 });
});

test('help is no work, and tells of every flag', () => {
  expect(parsePanelTestOptions([])).toBeUndefined();
  expect(parsePanelTestOptions(['test', '--help'])).toBeUndefined();
  const flags = ['panel', 'wiring', 'spi', 'socket', 'partials', 'card', 'help'];
  expect(flags.filter((flag) => !USAGE.includes(`--${flag} `))).toEqual([]);
});

// An empty number was taken for 0, and a forgotten value told in three lines.
test.each([
  [['--partials='], '--partials is no whole number from 0 to 10'],
  [['--partials', '11'], '--partials is no whole number from 0 to 10'],
  [['--partials', '9'.repeat(400)], '--partials is no whole number from 0 to 10'],
  [['--partials', '1.5'], '--partials is no whole number from 0 to 10'],
  [['--panel=', '--spi='], '--panel names no panel; --spi names no device'],
  [['--socket='], '--socket names no file'],
  [['--wiring', 'string'], '--wiring is neither waveshare nor pimoroni'],
  [['--card', 'birthday'], '--card is neither test nor calibration'],
  [['--panel', '--wiring'], "Option '--panel' argument is ambiguous."],
  [['--sideways'], "Unknown option '--sideways'"],
  [['again'], 'test again: the one command is test'],
])('%j is refused: %s', (flags, message) => {
  const refused = expect.objectContaining({ code: 'config.invalid', message });
  expect(() => parsePanelTestOptions(['test', ...flags])).toThrow(refused);
});
