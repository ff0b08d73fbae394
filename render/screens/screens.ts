import { bound } from './bound.js';
import { calendarDay } from './calendar/calendar-day.js';
import { calendarMonth } from './calendar/calendar-month.js';
import { calendarWeek } from './calendar/calendar-week.js';
import { claimAsked } from './claim-asked.js';
import { claimCode } from './claim-code.js';
import { clock } from './clock.js';
import { countdown } from './countdown.js';
import { date } from './date.js';
import type { Screen } from './define-screen.js';
import { departures } from './departures.js';
import { energy } from './energy.js';
import { error } from './error.js';
import { identify } from './identify.js';
import { lastKnownScreen } from './last-known.js';
import { message } from './message.js';
import { note } from './note.js';
import { photo } from './photo.js';
import { quote } from './quote.js';
import { toDo } from './to-do.js';
import { weatherDaily } from './weather/weather-daily.js';
import { weatherHourly } from './weather/weather-hourly.js';
import { weatherNow } from './weather/weather-now.js';
import { wifi } from './wifi.js';

const ALONE = {
  message,
  note,
  photo,
  clock,
  date,
  'calendar-day': calendarDay,
  'calendar-week': calendarWeek,
  'calendar-month': calendarMonth,
  'weather-now': weatherNow,
  'weather-hourly': weatherHourly,
  'weather-daily': weatherDaily,
  'to-do': toDo,
  departures,
  quote,
  wifi,
  countdown,
  energy,
  'claim-code': claimCode,
  'claim-asked': claimAsked,
  identify,
  bound,
  error,
} satisfies Record<string, Screen>;

/** Every screen by its name. */
export const SCREENS = {
  ...ALONE,
  'last-known': lastKnownScreen((name) => new Map<string, Screen>(Object.entries(ALONE)).get(name)),
} satisfies Record<string, Screen>;

export type ScreenName = keyof typeof SCREENS;

/** The names of all screens, in the order in which they are told to people. */
export const SCREEN_NAMES: readonly string[] = Object.keys(SCREENS);
