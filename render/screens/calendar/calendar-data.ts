import { z } from 'zod';
import { RenderError } from '../../errors.js';
import type { ScreenContext } from '../context.js';
import { WordsSchema } from '../fields.js';
import { addDays, type Day, dayOf, startOfDay } from '../local-time.js';
import { DaySchema, InstantSchema } from '../settings.js';
import { type CalendarEvent, isCalendar, readCalendar } from './icalendar.js';

/** Ten calendars of a lively household. */
const MOST_LETTERS = 8_000_000;

const MomentSchema = z.union([DaySchema, InstantSchema], { error: 'no day such as 2026-03-29, and no RFC 3339 time' });

/** What all calendar screens take. */
export const CalendarDataSchema = z.strictObject({
  now: InstantSchema,
  title: WordsSchema.optional(),
  calendars: z
    .array(z.strictObject({ icalendar: z.string().max(MOST_LETTERS).describe('iCalendar text, RFC 5545') }))
    .max(10)
    .default([]),
  events: z
    .array(
      z.strictObject({
        title: WordsSchema,
        location: WordsSchema.optional(),
        start: MomentSchema.describe('a day, or the instant at which it begins'),
        end: MomentSchema.optional().describe('the last day, or the instant at which it ends'),
      }),
    )
    .max(500)
    .default([]),
});

export type CalendarData = z.output<typeof CalendarDataSchema>;

/**
 * Everything that is on from one day to another, in order; `unread` counts what of the texts could not be read.
 * @throws `render.bad-screen-data` when a text is no calendar at all
 */
export function eventsOf(
  data: Pick<CalendarData, 'calendars' | 'events'>,
  { timeZone }: Pick<ScreenContext, 'timeZone'>,
  firstDay: Day,
  lastDay: Day,
): { events: CalendarEvent[]; unread: number } {
  const own = data.events
    .map((event) => ownEvent(event, timeZone))
    .filter((event) => event.lastDay >= firstDay && event.firstDay <= lastDay);
  const read = data.calendars.map(({ icalendar }, index) => {
    if (!isCalendar(icalendar)) {
      throw new RenderError(
        'render.bad-screen-data',
        `calendars[${index}].icalendar: does not begin with BEGIN:VCALENDAR`,
      );
    }
    return readCalendar(icalendar, { firstDay, lastDay, timeZone });
  });
  const all = [...own, ...read.flatMap(({ events }) => events)];
  all.sort((a, b) => a.startMs - b.startMs || Number(b.allDay) - Number(a.allDay));
  return { events: all, unread: read.reduce((sum, { unread }) => sum + unread, 0) };
}

/** Those of the events that are on at a day, whole days first. */
export function eventsOn(events: readonly CalendarEvent[], day: Day): CalendarEvent[] {
  const those = events.filter(({ firstDay, lastDay }) => firstDay <= day && lastDay >= day);
  return [...those.filter(({ allDay }) => allDay), ...those.filter(({ allDay }) => !allDay)];
}

type OwnEvent = CalendarData['events'][number];

function ownEvent({ title, location, start, end = start }: OwnEvent, timeZone: string): CalendarEvent {
  const allDay = typeof start === 'string';
  const startMs = allDay ? startOfDay(start, timeZone) : start;
  const endMs = typeof end === 'string' ? startOfDay(addDays(end, 1), timeZone) : end;
  const firstDay = allDay ? start : dayOf(start, timeZone);
  const lastDay = typeof end === 'string' ? end : dayOf(Math.max(startMs, end - 1), timeZone);
  return { title, location, allDay, startMs, endMs, firstDay, lastDay: [firstDay, lastDay].sort()[1] ?? firstDay };
}
