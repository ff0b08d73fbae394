import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readScene } from '../scene/read-scene.js';
import { buildScreen } from './build-screen.js';
import { SCREEN_NAMES } from './screens.js';

const EXAMPLES = path.join(import.meta.dirname, 'examples');
const GLASS = { width: 800, height: 480, inks: ['black', 'white'] };
const SIZES = [
  [122, 250],
  [250, 122],
  [296, 128],
  [264, 176],
  [400, 300],
  [400, 600],
  [648, 480],
  [800, 480],
  [480, 800],
  [1200, 1600],
  [1600, 1200],
] as const;

function example(name: string): Record<string, unknown> {
  const data: unknown = JSON.parse(readFileSync(path.join(EXAMPLES, `${name}.json`), 'utf8'));
  if (typeof data !== 'object' || data === null) throw new TypeError(`${name}.json holds no object`);
  return { ...data };
}

test('every screen has an example, and every example a screen', () => {
  expect(
    readdirSync(EXAMPLES)
      .map((file) => file.replace('.json', ''))
      .sort(),
  ).toEqual([...SCREEN_NAMES].sort());
});

test.each(SCREEN_NAMES)('%s is a good scene on every sheet, in both themes and in six languages', (name) => {
  for (const [width, height] of SIZES) {
    for (const locale of ['en-US', 'de-DE', 'ar-EG', 'he-IL', 'ja-JP', 'th-TH']) {
      const data = { ...example(name), settings: { locale, theme: locale === 'de-DE' ? 'dark' : 'light' } };
      const { scene, unread } = buildScreen(name, data, { ...GLASS, width, height });
      expect(readScene(scene)).toEqual(scene);
      expect(unread).toBe(0);
    }
  }
});

test('a screen that is not there is refused with the names of those that are', () => {
  for (const name of ['wether', 'toString', '__proto__', '']) {
    expect(() => buildScreen(name, {}, GLASS)).toThrow(
      expect.objectContaining({ code: 'render.unknown-screen', message: expect.stringContaining('weather-now') }),
    );
  }
});

test.each([
  ['message', { text: '' }, 'text'],
  ['message', { text: 'a', txet: 'b' }, 'txet'],
  ['message', { text: 'a', settings: { locale: 'not a locale' } }, 'settings.locale'],
  ['message', { text: 'a', settings: { timeZone: 'Mars/Olympus' } }, 'settings.timeZone'],
  ['message', undefined, 'data'],
  ['message', null, 'data'],
  ['message', [], 'data'],
  ['clock', { now: 'yesterday' }, 'now'],
  ['clock', { now: '2026-13-01T00:00:00Z' }, 'now'],
  ['to-do', { title: 'a', items: [{ text: 'b' }, { text: 'c', due: 'soon' }] }, 'items[1].due'],
  [
    'weather-now',
    { now: '2026-03-26T07:40:00Z', current: { condition: 'nice', temperatureC: 3 } },
    'current.condition',
  ],
  ['calendar-day', { now: '2026-03-26T07:40:00Z', calendars: [{ icalendar: '<html>' }] }, 'calendars[0].icalendar'],
  ['photo', { picture: 'cat' }, 'picture'],
  ['photo', { picture: 'toString' }, 'picture'],
  [
    'energy',
    { ...{ now: '2026-03-26T07:40:00Z', from: '2026-03-26T07:40:00Z', stepMinutes: 60 }, usedKwh: [] },
    'usedKwh',
  ],
  [
    'last-known',
    { now: '2026-03-26T07:40:00Z', asOf: '2026-03-26T07:40:00Z', screen: 'last-known', data: {} },
    'screen',
  ],
  ['last-known', { now: '2026-03-26T07:40:00Z', asOf: '2026-03-26T07:40:00Z', screen: 'clock', data: {} }, 'now'],
])('%s with %j is refused, naming %s', (name, data, where) => {
  expect(() => buildScreen(name, data, GLASS)).toThrow(
    expect.objectContaining({ code: 'render.bad-screen-data', message: expect.stringContaining(where) }),
  );
});
