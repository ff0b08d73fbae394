import { addDays, type Day, dayOf, startOfDay } from '../local-time.js';
import { type ContentLine, contentLines } from './content-lines.js';
import { occurrences, RecurrenceBudget } from './recurrence.js';
import { type Moment, momentKey, readEvent, type VEvent } from './vevent.js';
import { ianaZone } from './zones.js';

/** One thing in a household's calendar; both days count, and an event that ends at midnight ends the day before. */
export type CalendarEvent = {
  title: string;
  location: string | undefined;
  allDay: boolean;
  startMs: number;
  endMs: number;
  firstDay: Day;
  lastDay: Day;
};

export type CalendarWindow = { firstDay: Day; lastDay: Day; timeZone: string };

/** What of a calendar's text falls into the window; `unread` counts events, rules and lines that could not be read. */
export type ReadCalendar = { events: CalendarEvent[]; unread: number };

/** Past these a calendar is no household's: what comes first is shown, the rest counted as unread. */
const MOST_EVENTS = 30_000;
const MOST_SHOWN = 2_000;
const MOST_LINES_AN_EVENT = 500;
const DAY_MS = 86_400_000;

/** Whether the text is a calendar at all. */
export function isCalendar(text: string): boolean {
  return /^\ufeff?\s*BEGIN:VCALENDAR\s/i.test(text.slice(0, 200));
}

/**
 * Reads iCalendar text (RFC 5545) as far as it can be read: events with a place in the window, repeated and replaced as
 * the text has it, in the order of their beginning. Text of any kind and size ends in bounded time.
 */
export function readCalendar(text: string, window: CalendarWindow): ReadCalendar {
  const { events, unread } = readEvents(text, window.timeZone);
  const reading = new Reading(window, unread);
  const replaced = new Map<string, VEvent>();
  for (const event of events) {
    if (event.replaces !== undefined) replaced.set(`${event.uid}\n${momentKey(event.replaces)}`, event);
  }
  for (const event of events) {
    if (event.replaces === undefined) reading.addSeries(event, (key) => replaced.has(`${event.uid}\n${key}`));
  }
  for (const event of replaced.values()) if (!event.cancelled) reading.add(event, event.start);
  return reading.result();
}

class Reading {
  readonly #window: CalendarWindow;
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #budget = new RecurrenceBudget();
  readonly #events: CalendarEvent[] = [];
  #unread: number;

  constructor(window: CalendarWindow, unread: number) {
    this.#window = window;
    this.#unread = unread;
    this.#fromMs = startOfDay(window.firstDay, window.timeZone);
    this.#toMs = startOfDay(addDays(window.lastDay, 1), window.timeZone);
  }

  addSeries(event: VEvent, isReplaced: (key: string) => boolean): void {
    if (event.cancelled) return;
    const except = new Set(event.except.map(momentKey));
    const done = new Set<string>();
    for (const start of [...this.#startsOf(event), ...event.extra]) {
      const key = momentKey(start);
      if (done.has(key) || isReplaced(key)) continue;
      done.add(key);
      // A day may be excepted by its date also from a series with times.
      if (!except.has(key) && !(!start.allDay && except.has(dayOf(start.ms, start.timeZone)))) this.add(event, start);
    }
  }

  add({ title, location, length }: VEvent, start: Moment): void {
    const { timeZone, firstDay: from, lastDay: to } = this.#window;
    const firstDay = start.allDay ? start.day : dayOf(start.ms, timeZone);
    const endMs = start.allDay ? startOfDay(addDays(start.day, length), timeZone) : start.ms + length;
    const lastDay = start.allDay ? addDays(start.day, length - 1) : dayOf(Math.max(start.ms, endMs - 1), timeZone);
    if (lastDay < from || firstDay > to) return;
    if (this.#events.length >= MOST_SHOWN) {
      this.#unread += 1;
      return;
    }
    const startMs = start.allDay ? startOfDay(start.day, timeZone) : start.ms;
    this.#events.push({ title, location, allDay: start.allDay, startMs, endMs, firstDay, lastDay });
  }

  result(): ReadCalendar {
    const inOrder = (a: CalendarEvent, b: CalendarEvent) =>
      a.startMs - b.startMs || Number(b.allDay) - Number(a.allDay) || a.endMs - b.endMs || compare(a.title, b.title);
    return { events: this.#events.sort(inOrder), unread: this.#unread };
  }

  #startsOf({ start, length, rules }: VEvent): Moment[] {
    const starts: Moment[] = [start];
    // Days are the same in every zone, so those of a window may begin up to a day before it elsewhere.
    const fromMs = this.#fromMs - (start.allDay ? length * DAY_MS + DAY_MS : length);
    for (const rule of rules) {
      const found = occurrences(rule, start, fromMs, this.#toMs + DAY_MS, this.#budget);
      if (found === undefined) this.#unread += 1;
      for (const ms of found ?? []) {
        starts.push(start.allDay ? { allDay: true, day: new Date(ms).toISOString().slice(0, 10) } : { ...start, ms });
      }
    }
    return starts;
  }
}

function readEvents(text: string, timeZone: string): { events: VEvent[]; unread: number } {
  const zones = new Map<string, string>();
  const zoneOf = (tzid = '') => zones.get(tzid) ?? (tzid === '' ? timeZone : (ianaZone(tzid) ?? timeZone));
  const events: VEvent[] = [];
  let unread = 0;
  let open: ContentLine[] | undefined;
  let inner = 0;
  let tzid = '';
  for (const line of contentLines(text)) {
    const component = line?.value.trim().toUpperCase();
    if (line === undefined) {
      unread += 1;
    } else if (open === undefined) {
      if (line.name === 'BEGIN' && component === 'VEVENT') open = [];
      if (line.name === 'TZID') tzid = line.value.trim();
      if (line.name === 'X-LIC-LOCATION') zones.set(tzid, ianaZone(line.value) ?? timeZone);
    } else if (line.name === 'BEGIN' && component === 'VEVENT') {
      // The end of the one before was lost.
      unread += 1;
      open = [];
      inner = 0;
    } else if (line.name === 'BEGIN') {
      inner += 1;
    } else if (line.name === 'END' && component !== 'VEVENT') {
      inner = Math.max(0, inner - 1);
    } else if (line.name === 'END') {
      const event = events.length < MOST_EVENTS ? readEvent(open, zoneOf) : undefined;
      if (event === undefined) unread += 1;
      else events.push(event);
      open = undefined;
      inner = 0;
    } else if (inner === 0 && open.length < MOST_LINES_AN_EVENT) {
      open.push(line);
    }
  }
  return { events, unread: unread + (open === undefined ? 0 : 1) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
