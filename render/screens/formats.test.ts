import { expect, test } from 'vitest';
import { contextOf } from './context.js';
import { ScreenSettingsSchema } from './settings.js';

const NOW = Date.parse('2026-03-29T13:05:00Z');
const HOUR_MS = 3_600_000;

function formats(locale: string, settings: Record<string, unknown> = {}) {
  const read = ScreenSettingsSchema.parse({ locale, timeZone: 'Europe/Berlin', ...settings });
  return contextOf(read, { width: 800, height: 480, inks: ['black', 'white'] }).formats;
}

test('times keep to the clock of the locale, unless the household chose', () => {
  expect(formats('en-GB').time(NOW)).toBe('15:05');
  expect(formats('en-US').time(NOW)).toBe('3:05 PM');
  expect(formats('en-US', { hourCycle: 'h23' }).time(NOW)).toBe('15:05');
  expect(formats('de', { hourCycle: 'h12' }).time(NOW)).toBe('3:05 PM');
  expect(formats('en-US', { hourCycle: 'h23' }).time(NOW - 14 * HOUR_MS)).toBe('00:05');
  expect(formats('ko-KR').timeParts(NOW)).toMatchObject({ digits: '3:05', periodFirst: true });
  expect(formats('de').hour(NOW)).toBe('15');
  expect(formats('ja').hour(NOW)).toBe('15');
});

test('dates are in the words of the locale', () => {
  expect(formats('en-GB').date('2026-03-29', 'long')).toBe('Sunday 29 March');
  expect(formats('de').date('2026-03-29', 'short')).toBe('So., 29. März');
  expect(formats('th').date('2026-03-29', 'month')).toBe('มีนาคม 2569');
  expect(formats('fa-IR').date('2026-03-29', 'month')).toContain('مارس');
  expect(formats('ar-EG').date('2026-03-29', 'day')).toBe('٢٩');
});

test('ages are told by their largest unit, rounded down', () => {
  const { relative } = formats('en-GB');
  expect(relative(NOW - 3 * HOUR_MS - 59 * 60_000, NOW)).toBe('3 hours ago');
  expect(relative(NOW - 50 * HOUR_MS, NOW)).toBe('2 days ago');
  expect(relative(NOW + 5 * 60_000, NOW)).toBe('in 5 minutes');
  expect(formats('de').relative(NOW - 3 * HOUR_MS, NOW)).toBe('vor 3 Stunden');
  expect(formats('en-GB').soon(30_000)).toBe('now');
  expect(formats('de').soon(7 * 60_000)).toBe('7 Min.');
});

test('a count is apart from its unit', () => {
  expect(formats('en-GB').countDays(105)).toEqual({ number: '105', unit: 'days' });
  expect(formats('en-GB').countDays(-1)).toEqual({ number: '1', unit: 'day' });
  expect(formats('de').countDays(0)).toEqual({ number: 'heute', unit: '' });
  expect(formats('ar').countDays(2)).toEqual({ number: 'يومان', unit: '' });
  expect(formats('en-GB').count(90 * 60_000)).toEqual({ number: '1', unit: 'hour' });
});

test('units follow the region, unless the household chose', () => {
  expect(formats('de').temperature(-0.2)).toBe('0°');
  expect(formats('de').temperature(-12.6)).toBe('−13°');
  expect(formats('en-US').temperature(-12.6)).toBe('9°');
  expect(formats('en-US', { units: 'metric' }).temperature(21)).toBe('21°');
  expect(formats('de').wind(5.2)).toBe('19 km/h');
  expect(formats('en-GB').wind(5.2)).toBe('12 mph');
  expect(formats('en-GB', { units: 'metric' }).wind(5.2)).toBe('19 km/h');
  expect(formats('de').precipitation(2.34)).toBe('2,3 mm');
  expect(formats('en-US').precipitation(25.4)).toBe('1 in');
  expect(formats('de').percent(1)).toBe('100 %');
  expect(formats('en-GB').power(1520)).toBe('1.5 kW');
  expect(formats('de').energy(12.34)).toBe('12,3 kWh');
});

test('weeks begin as they do in the region', () => {
  const starts = ['en-US', 'en-GB', 'ar-EG', 'he', 'ja', 'pt-PT', 'de'].map((locale) => {
    const read = ScreenSettingsSchema.parse({ locale });
    return contextOf(read, { width: 800, height: 480, inks: ['black', 'white'] }).weekStart;
  });
  expect(starts).toEqual([0, 1, 6, 0, 0, 0, 1]);
});
