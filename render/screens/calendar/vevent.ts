import { type Day, dayFrom, instantOf } from '../local-time.js';
import { type ContentLine, plainText } from './content-lines.js';

/** When something is: a day in no zone, or an instant and the zone in which it repeats. */
export type Moment = { allDay: true; day: Day } | { allDay: false; ms: number; timeZone: string };

/** An event as the calendar's text has it, not yet repeated. */
export type VEvent = {
  uid: string;
  title: string;
  location: string | undefined;
  start: Moment;
  /** Whole days, or milliseconds. */
  length: number;
  rules: readonly string[];
  extra: readonly Moment[];
  except: readonly Moment[];
  /** Which occurrence of the series with the same `uid` this one replaces. */
  replaces: Moment | undefined;
  cancelled: boolean;
};

/** The zone of a name in the text, and of times without one. */
export type ZoneOf = (tzid: string | undefined) => string;

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})(\d\d)(\d\d)$/;
const DATE_TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)$/;
const DURATION = /^([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/** The event that the lines between its BEGIN and END tell; `undefined` when it has no start that can be read. */
export function readEvent(lines: readonly ContentLine[], zoneOf: ZoneOf): VEvent | undefined {
  const first = (name: string) => lines.find((line) => line.name === name);
  const all = (name: string) => lines.filter((line) => line.name === name);
  const start = momentOf(first('DTSTART'), zoneOf);
  if (start === undefined) return undefined;
  const end = momentOf(first('DTEND'), zoneOf);
  return {
    uid: first('UID')?.value.trim() ?? '',
    title: plainText(first('SUMMARY')?.value ?? '').trim(),
    location: plainText(first('LOCATION')?.value ?? '').trim() || undefined,
    start,
    length: Math.max(0, lengthOf(start, end, first('DURATION')?.value)),
    rules: all('RRULE').map(({ value }) => value.trim()),
    extra: all('RDATE').flatMap((line) => momentsOf(line, zoneOf)),
    except: all('EXDATE').flatMap((line) => momentsOf(line, zoneOf)),
    replaces: momentOf(first('RECURRENCE-ID'), zoneOf),
    cancelled: first('STATUS')?.value.trim().toUpperCase() === 'CANCELLED',
  };
}

/** The name by which two moments are the same occurrence. */
export function momentKey(moment: Moment): string {
  return moment.allDay ? moment.day : String(moment.ms);
}

function momentsOf(line: ContentLine, zoneOf: ZoneOf): Moment[] {
  return line.value
    .split(',')
    .flatMap((value) => momentOf({ ...line, value: value.split('/')[0] ?? '' }, zoneOf) ?? []);
}

function momentOf(line: ContentLine | undefined, zoneOf: ZoneOf): Moment | undefined {
  if (line === undefined) return undefined;
  const value = line.value.trim();
  const date = DATE.exec(value);
  if (date !== null) {
    const [, year, month, day] = date.map(Number);
    return isDay(year, month, day) ? { allDay: true, day: dayFrom(year ?? 0, month ?? 0, day ?? 0) } : undefined;
  }
  const [, ...digits] = DATE_TIME.exec(value) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.slice(0, 6).map(Number);
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined;
  const timeZone = digits[6] === 'Z' ? 'UTC' : zoneOf(line.params.get('TZID'));
  return { allDay: false, ms: instantOf({ year, month, day, hour, minute, second }, timeZone), timeZone };
}

function isDay(year = 0, month = 0, day = 0): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function lengthOf(start: Moment, end: Moment | undefined, duration: string | undefined): number {
  if (start.allDay) {
    const days = end?.allDay === true ? (Date.parse(end.day) - Date.parse(start.day)) / DAY_MS : undefined;
    return Math.max(1, days ?? Math.ceil((durationMs(duration) ?? DAY_MS) / DAY_MS));
  }
  if (end?.allDay === false) return end.ms - start.ms;
  return durationMs(duration) ?? 0;
}

function durationMs(text: string | undefined): number | undefined {
  const match = DURATION.exec(text?.trim() ?? '');
  if (match === null) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(2)
    .map((digits) => Number(digits ?? 0));
  const ms = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
  return match[1] === '-' ? -ms : ms;
}
