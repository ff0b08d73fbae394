import { expect, test } from 'vitest';
import { LocalTime } from './local-time.js';

test.each([
  ['UTC', '2026-03-29T00:59:00Z', 0, '00:59 UTC'],
  ['Europe/Berlin', '2026-03-29T00:59:00Z', 1, '01:59'],
  ['Europe/Berlin', '2026-03-29T01:00:00Z', 3, '03:00'],
  ['Europe/Berlin', '2026-10-25T00:30:00Z', 2, '02:30'],
  ['Europe/Berlin', '2026-10-25T01:30:00Z', 2, '02:30'],
  ['Asia/Kolkata', '2026-06-30T18:30:00Z', 0, '00:00'],
])('in %s it is at %s the hour %d', (zone, at, hour, time) => {
  const local = new LocalTime(zone);
  expect(local.hour(Date.parse(at))).toBe(hour);
  expect(local.time(Date.parse(at))).toBe(time);
});
