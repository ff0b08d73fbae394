import { expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  dayOf,
  daysBetween,
  instantOf,
  isTimeZone,
  startOfDay,
  wallTime,
  weekdayOf,
} from './local-time.js';

const BERLIN = 'Europe/Berlin';

function wall(text: string) {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[- :]/).map(Number);
  return { year, month, day, hour, minute, second: 0 };
}

test.each([
  ['2026-01-15 08:30', BERLIN, '2026-01-15T07:30:00Z'],
  ['2026-07-15 08:30', BERLIN, '2026-07-15T06:30:00Z'],
  ['2026-07-15 08:30', 'America/St_Johns', '2026-07-15T11:00:00Z'],
  ['2026-07-15 00:10', 'Asia/Kathmandu', '2026-07-14T18:25:00Z'],
])('%s in %s is %s', (text, timeZone, instant) => {
  const ms = instantOf(wall(text), timeZone);
  expect(new Date(ms).toISOString()).toBe(instant.replace('Z', '.000Z'));
  expect(wallTime(ms, timeZone)).toEqual(wall(text));
});

test('of an hour that clocks show twice the first is meant, and an hour that they skip is as much later', () => {
  expect(new Date(instantOf(wall('2026-10-25 02:30'), BERLIN)).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  expect(new Date(instantOf(wall('2026-03-29 02:30'), BERLIN)).toISOString()).toBe('2026-03-29T01:30:00.000Z');
  expect(wallTime(instantOf(wall('2026-03-29 02:30'), BERLIN), BERLIN)).toMatchObject({ hour: 3, minute: 30 });
});

test('a day begins at midnight of its zone, also where clocks skip midnight', () => {
  expect(new Date(startOfDay('2026-03-29', BERLIN)).toISOString()).toBe('2026-03-28T23:00:00.000Z');
  expect(wallTime(startOfDay('2026-09-06', 'America/Santiago'), 'America/Santiago')).toMatchObject({ day: 6, hour: 1 });
  expect(dayOf(Date.parse('2026-03-28T23:30:00Z'), BERLIN)).toBe('2026-03-29');
});

test('days and months are counted by the calendar', () => {
  expect(addDays('2026-02-27', 2)).toBe('2026-03-01');
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
  expect(addMonths('2026-12-01', 1)).toBe('2027-01-01');
  expect(daysBetween('2026-03-01', '2026-04-01')).toBe(31);
  expect(weekdayOf('2026-03-29')).toBe(0);
});

test('a zone is told from other words, and a thousand zones do not fill the memory', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  for (let index = 0; index < 1000; index += 1) expect(isTimeZone(`Mars/${index}`)).toBe(false);
});
