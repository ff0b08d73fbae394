import { type Day, noonUtc, wallTime } from './local-time.js';

/** What the formats of a household follow from; `region` as in `Intl.Locale`, empty when the units were chosen. */
export type FormatSettings = {
  locale: string;
  timeZone: string;
  hourCycle?: 'h12' | 'h23' | undefined;
  units: 'metric' | 'imperial';
  region: string;
};

export type DateStyle =
  | 'full'
  | 'long'
  | 'short'
  | 'month'
  | 'weekday'
  | 'weekday-short'
  | 'weekday-letter'
  | 'day-month'
  | 'day'
  | 'year';

/** A time in the parts that a large clock sets apart; `period` is AM or PM in the words of the locale. */
export type TimeParts = { digits: string; period: string | undefined; periodFirst: boolean };

/** A count with its unit apart; `unit` is empty when one word says it all. */
export type CountParts = { number: string; unit: string };

/** Words and numbers as a household writes them: pure, and the same in every process whatever its zone and language. */
export type Formats = {
  /** `08:15` or `8:15 am`. */
  time(instantMs: number): string;
  timeParts(instantMs: number): TimeParts;
  /** `8` or `8 am`, for the scale of hours in a forecast. */
  hour(instantMs: number): string;
  date(day: Day, style: DateStyle): string;
  /** `3 hours ago`, `in 5 minutes`: the largest unit alone. */
  relative(instantMs: number, nowMs: number): string;
  /** `now`, `3 min`: how long still until something leaves, in minutes. */
  soon(durationMs: number): string;
  /** `3 h` or `2 days`: how long ago or how long still, in short. */
  duration(durationMs: number): string;
  /** A count of days in parts, `12` and `days`; today is a word without one. */
  countDays(days: number): CountParts;
  /** The same of a time shorter than a day, in hours or minutes. */
  count(durationMs: number): CountParts;
  number(value: number, mostDigits?: number): string;
  /** A share of 0 to 1 as `40 %` or `40%`. */
  percent(share: number): string;
  /** Degrees in the units of the household, whole and without their letter. */
  temperature(celsius: number): string;
  /** Speed in km/h or mph. */
  wind(metresPerSecond: number): string;
  /** Kilowatt-hours, with a digit after the point while they are few. */
  energy(kilowattHours: number): string;
  /** Watts, or kilowatts from one on. */
  power(watts: number): string;
  /** Depth in mm or inches. */
  precipitation(millimetres: number): string;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MILES_PER_HOUR = 2.236_936;
const KILOMETRES_PER_HOUR = 3.6;
const MILLIMETRES_PER_INCH = 25.4;

const DATE_PARTS: Record<DateStyle, Intl.DateTimeFormatOptions> = {
  full: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  long: { weekday: 'long', day: 'numeric', month: 'long' },
  short: { weekday: 'short', day: 'numeric', month: 'short' },
  month: { month: 'long', year: 'numeric' },
  weekday: { weekday: 'long' },
  'weekday-short': { weekday: 'short' },
  'weekday-letter': { weekday: 'narrow' },
  'day-month': { day: 'numeric', month: 'long' },
  day: { day: 'numeric' },
  year: { year: 'numeric' },
};

export function formatsFor({ locale, timeZone, hourCycle, units, region }: FormatSettings): Formats {
  const cycle = hourCycle === undefined ? {} : { hourCycle };
  const calendar = calendarOf(locale);
  const digits = hourCycle === 'h23' || usesTwentyFourHours(locale) ? '2-digit' : 'numeric';
  const clock = new Intl.DateTimeFormat(locale, {
    timeZone,
    ...cycle,
    hour: hourCycle === 'h12' ? 'numeric' : digits,
    minute: '2-digit',
  });
  const hours = new Intl.DateTimeFormat(locale, { timeZone, ...cycle, hour: 'numeric' });
  // A formatter takes a hundred times as long to make as to use.
  const numberFormats = new Map<string, Intl.NumberFormat>();
  const dateFormats = new Map<DateStyle, Intl.DateTimeFormat>();
  const numbers = (options: Intl.NumberFormatOptions) => (value: number) => {
    const make = () => new Intl.NumberFormat(locale, options);
    return plain(kept(numberFormats, JSON.stringify(options), make).format(value));
  };
  const short = (unit: string, mostDigits = 0) =>
    numbers({ style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: mostDigits });
  // Miles an hour are what British roads and forecasts tell, beside degrees Celsius.
  const milesAnHour = units === 'imperial' || region === 'GB';
  return {
    time: (instantMs) => plain(clock.format(instantMs)),
    timeParts: (instantMs) => timeParts(clock.formatToParts(instantMs)),
    hour: (instantMs) => hourOf(hours, instantMs, timeZone),
    date: (day, style) => {
      const make = () => new Intl.DateTimeFormat(locale, { ...DATE_PARTS[style], calendar, timeZone: 'UTC' });
      const format = kept(dateFormats, style, make);
      if (style !== 'day') return plain(format.format(noonUtc(day)));
      // Some languages write a word after the number, for which large numerals and grids have no room.
      return format.formatToParts(noonUtc(day)).find(({ type }) => type === 'day')?.value ?? '';
    },
    relative: (instantMs, nowMs) => relative(locale, instantMs - nowMs),
    soon: (durationMs) => {
      const minutes = Math.max(0, Math.floor(durationMs / MINUTE_MS));
      if (minutes > 0) return short('minute')(minutes);
      return plain(new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' }).format(0, 'second'));
    },
    duration: (durationMs) => {
      const [value, unit] = largestUnit(Math.abs(durationMs));
      return short(unit)(value);
    },
    countDays: (days) => countParts(locale, Math.abs(days), 'day'),
    count: (durationMs) => countParts(locale, ...largestUnit(Math.abs(durationMs))),
    number: (value, mostDigits = 0) => numbers({ maximumFractionDigits: mostDigits })(value),
    percent: numbers({ style: 'percent', maximumFractionDigits: 0 }),
    temperature: (celsius) => {
      const degrees = Math.round(units === 'imperial' ? celsius * 1.8 + 32 : celsius);
      // Minus nought is no temperature.
      return `${numbers({ maximumFractionDigits: 0 })(degrees + 0).replace('-', '\u2212')}\u00b0`;
    },
    wind: (metresPerSecond) =>
      milesAnHour
        ? short('mile-per-hour')(metresPerSecond * MILES_PER_HOUR)
        : short('kilometer-per-hour')(metresPerSecond * KILOMETRES_PER_HOUR),
    // Intl knows no watts; their letters are the same in every language (SI brochure, section 5).
    energy: (kilowattHours) => `${numbers({ maximumFractionDigits: kilowattHours < 100 ? 1 : 0 })(kilowattHours)} kWh`,
    power: (watts) =>
      Math.abs(watts) < 1000
        ? `${numbers({ maximumFractionDigits: 0 })(watts)} W`
        : `${numbers({ maximumFractionDigits: 1 })(watts / 1000)} kW`,
    precipitation: (millimetres) =>
      units === 'imperial'
        ? short('inch', 2)(millimetres / MILLIMETRES_PER_INCH)
        : short('millimeter', millimetres < 10 ? 1 : 0)(millimetres),
  };
}

function kept<Key, Value>(values: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = values.get(key) ?? make();
  values.set(key, known);
  return known;
}

/** Newer locale data separates with narrow and unbreakable spaces, older with plain ones: a frame must not tell which. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f\u2009]/g, ' ');
}

/** Our grids of days are Gregorian, so are the words above them; the Thai calendar differs in the year alone. */
function calendarOf(locale: string): string {
  const { calendar } = new Intl.DateTimeFormat(locale).resolvedOptions();
  return calendar === 'buddhist' ? calendar : 'gregory';
}

function usesTwentyFourHours(locale: string): boolean {
  const { hourCycle } = new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions();
  return hourCycle === 'h23' || hourCycle === 'h24';
}

function timeParts(parts: readonly Intl.DateTimeFormatPart[]): TimeParts {
  const periodAt = parts.findIndex(({ type }) => type === 'dayPeriod');
  const hourAt = parts.findIndex(({ type }) => type === 'hour');
  const minuteAt = parts.findIndex(({ type }) => type === 'minute');
  const digits = parts.slice(hourAt, minuteAt + 1);
  return {
    digits: plain(digits.map(({ value }) => value).join('')),
    period: parts[periodAt]?.value,
    periodFirst: periodAt >= 0 && periodAt < hourAt,
  };
}

/** The hour alone; languages add a word for it (`08 Uhr`) that a scale of hours has no room for. */
function hourOf(hours: Intl.DateTimeFormat, instantMs: number, timeZone: string): string {
  const parts = hours.formatToParts(instantMs);
  const kept = parts.filter(({ type }) => type === 'hour' || type === 'dayPeriod').map(({ value }) => value);
  return kept.length === 0 ? String(wallTime(instantMs, timeZone).hour) : plain(kept.join(' '));
}

function countParts(locale: string, value: number, unit: 'minute' | 'hour' | 'day'): CountParts {
  if (unit === 'day' && value === 0) {
    return { number: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(0, 'day'), unit: '' };
  }
  const parts = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).formatToParts(value);
  const number = parts.filter(({ type }) => type !== 'unit' && type !== 'literal').map((part) => part.value);
  const unitWords = parts.filter(({ type }) => type === 'unit').map((part) => part.value);
  // Arabic has a word for two days, without a number.
  if (number.length === 0) return { number: unitWords.join(' '), unit: '' };
  return { number: plain(number.join('')), unit: plain(unitWords.join(' ')).trim() };
}

function relative(locale: string, differenceMs: number): string {
  const [value, unit] = largestUnit(Math.abs(differenceMs));
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return plain(words.format(differenceMs < 0 ? -value : value, unit));
}

/** Rounded down, as people count: 119 minutes ago is an hour ago. */
function largestUnit(durationMs: number): [number, 'minute' | 'hour' | 'day'] {
  if (durationMs < HOUR_MS) return [Math.floor(durationMs / MINUTE_MS), 'minute'];
  if (durationMs < 2 * DAY_MS) return [Math.floor(durationMs / HOUR_MS), 'hour'];
  return [Math.floor(durationMs / DAY_MS), 'day'];
}
