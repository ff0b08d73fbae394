/** A moment as a clock on the wall and a calendar beside it show it. */
export type WallTime = { year: number; month: number; day: number; hour: number; minute: number; second: number };

/** A day of the calendar in no zone, as `2026-03-29`. */
export type Day = string;

const DAY_MS = 86_400_000;
/** Zones a household's calendar names are few; a hostile one may name them all. */
const MOST_CLOCKS = 64;

const clocks = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

export function wallTime(instantMs: number, timeZone: string): WallTime {
  const wall: WallTime = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of clockOf(timeZone).formatToParts(instantMs)) {
    if (isWallField(type)) wall[type] = Number(value);
  }
  return wall;
}

/** The first instant at which clocks of the zone show this; a time that a change of clocks skips is as much later. */
export function instantOf(wall: WallTime, timeZone: string): number {
  const asUtcMs = utcMs(wall);
  const before = asUtcMs - offsetMs(asUtcMs - DAY_MS, timeZone);
  const after = asUtcMs - offsetMs(asUtcMs + DAY_MS, timeZone);
  const fits = [before, after].filter((ms) => utcMs(wallTime(ms, timeZone)) === asUtcMs);
  return fits.length === 0 ? before : Math.min(...fits);
}

export function dayOf(instantMs: number, timeZone: string): Day {
  const { year, month, day } = wallTime(instantMs, timeZone);
  return dayFrom(year, month, day);
}

/** The instant at which the day begins in the zone. */
export function startOfDay(day: Day, timeZone: string): number {
  const at = new Date(dayMs(day));
  const wall = { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
  return instantOf({ ...wall, hour: 0, minute: 0, second: 0 }, timeZone);
}

export function addDays(day: Day, days: number): Day {
  return new Date(dayMs(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The same day of another month, or its last day when it is shorter. */
export function addMonths(day: Day, months: number): Day {
  const at = new Date(dayMs(day));
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months + 1, 0));
  last.setUTCDate(Math.min(at.getUTCDate(), last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}

export function daysBetween(from: Day, to: Day): number {
  return Math.round((dayMs(to) - dayMs(from)) / DAY_MS);
}

/** 0 for Sunday to 6 for Saturday. */
export function weekdayOf(day: Day): number {
  return new Date(dayMs(day)).getUTCDay();
}

/** Noon of the day in UTC, for words that a formatter in UTC makes of it. */
export function noonUtc(day: Day): number {
  return dayMs(day) + DAY_MS / 2;
}

export function dayFrom(year: number, month: number, day: number): Day {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

function dayMs(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function offsetMs(instantMs: number, timeZone: string): number {
  return utcMs(wallTime(instantMs, timeZone)) - instantMs;
}

function utcMs({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function isWallField(type: string): type is keyof WallTime {
  return ['year', 'month', 'day', 'hour', 'minute', 'second'].includes(type);
}

/** @throws `RangeError` when there is no such zone */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (clocks.size >= MOST_CLOCKS) clocks.clear();
  clocks.set(timeZone, clock);
  return clock;
}
