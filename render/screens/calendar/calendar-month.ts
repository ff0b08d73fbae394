import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { addDays, addMonths, type Day, dayOf, daysBetween, weekdayOf } from '../local-time.js';
import { column, faintRule, linesHeight, row, sceneOf, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import { CalendarDataSchema, eventsOf, eventsOn } from './calendar-data.js';
import type { CalendarEvent } from './icalendar.js';

const DAYS = 7;
/** A title needs so many letters to say anything. */
const LEAST_TITLE_LETTERS = 7;

/** A month: a grid of days, with the titles of events where a day has room for them and a dot where not. */
export const calendarMonth = defineScreen({
  shows: 'The month as a grid, with titles of events where a day has room and dots where not',
  data: CalendarDataSchema,
  build: (data, context) => {
    const scale = TYPE_SCALES[context.size];
    const today = dayOf(data.now, context.timeZone);
    const firstOfMonth = `${today.slice(0, 8)}01`;
    const first = addDays(firstOfMonth, -((weekdayOf(firstOfMonth) - context.weekStart + DAYS) % DAYS));
    const weeks = Math.ceil(daysBetween(first, addMonths(firstOfMonth, 1)) / DAYS);
    const { events, unread } = eventsOf(data, context, first, addDays(first, weeks * DAYS - 1));
    const paddingPx = Math.round(scale.margin * 0.6);
    const tiny = context.size === 'tiny' || context.size === 'small';
    const headPx = tiny ? 0 : linesHeight(scale.title) + scale.gap;
    const namesPx = linesHeight(scale.caption);
    const cell = {
      widthPx: Math.floor((context.width - 2 * paddingPx) / DAYS),
      heightPx: Math.floor((context.height - 2 * paddingPx - headPx - namesPx - 2) / weeks),
    };
    const names = row(
      context,
      Array.from({ length: DAYS }, (_, index) =>
        text(weekdayName(context, addDays(first, index), cell.widthPx), scale.caption, {
          align: 'centre',
          width: cell.widthPx,
          ink: paletteFor(context).muted,
          wrap: false,
        }),
      ),
      { height: namesPx },
    );
    const lines = Array.from({ length: weeks }, (_, week) =>
      row(
        context,
        Array.from({ length: DAYS }, (__, index) => {
          const day = addDays(first, week * DAYS + index);
          return dayCell(context, day, today, eventsOn(events, day), cell);
        }),
        { height: cell.heightPx - (tiny ? 0 : 1), align: 'start' },
      ),
    );
    const title = text(data.title ?? context.formats.date(today, 'month'), scale.title, { bold: true, height: headPx });
    return {
      scene: sceneOf(
        context,
        column(
          [tiny ? undefined : title, names, ...lines.flatMap((line) => (tiny ? [line] : [faintRule(context), line]))],
          { padding: paddingPx },
        ),
      ),
      unread,
    };
  },
});

type Cell = { widthPx: number; heightPx: number };

function dayCell(
  context: ScreenContext,
  day: Day,
  today: Day,
  events: CalendarEvent[],
  { widthPx, heightPx }: Cell,
): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { accent, onAccent, muted } = paletteFor(context);
  const isToday = day === today;
  const inMonth = day.slice(0, 7) === today.slice(0, 7);
  const numberPx = Math.min(scale.body, heightPx - 2);
  const titlePx = Math.round(scale.caption * 0.85);
  const words =
    widthPx >= LEAST_TITLE_LETTERS * titlePx * 0.55 && heightPx >= linesHeight(numberPx) + linesHeight(titlePx) + 4;
  const numberHeightPx = Math.min(heightPx, linesHeight(numberPx) + 2);
  const busy = events.length > 0 && !words;
  const number = column(
    [
      text(context.formats.date(day, 'day').replace(/\D+$/u, ''), numberPx, {
        align: 'centre',
        tabular: true,
        bold: isToday || (inMonth && busy),
        ink: isToday ? onAccent : inMonth ? 'text' : muted,
      }),
    ],
    { justify: 'centre', height: numberHeightPx },
  );
  const badgePx = Math.min(widthPx - 2, Math.round(numberHeightPx * 1.45));
  const marked: SceneNode = isToday
    ? { type: 'box', ink: accent, radius: 4, width: badgePx, height: numberHeightPx, child: number }
    : { ...number, width: badgePx };
  const dotPx = Math.max(3, Math.round(scale.gap * 0.6));
  const dots = row(
    context,
    events.slice(0, 3).map(() => ({
      type: 'box' as const,
      width: dotPx,
      height: dotPx,
      radius: Math.floor(dotPx / 2),
      ink: 'text' as const,
    })),
    { gap: 2, justify: 'centre' },
  );
  const withDots = busy && heightPx >= numberHeightPx + dotPx + 2;
  return column(
    [
      // Days of the months around stay away: the month is read as a shape.
      inMonth ? { ...marked, alignSelf: words ? 'start' : 'centre' } : undefined,
      inMonth && withDots ? dots : undefined,
      ...(inMonth && words ? titles(context, events, titlePx, heightPx - numberHeightPx, widthPx) : []),
    ],
    { width: widthPx, height: heightPx, padding: words ? { right: 4 } : 0 },
  );
}

function titles(
  context: ScreenContext,
  events: CalendarEvent[],
  sizePx: number,
  roomPx: number,
  widthPx: number,
): SceneNode[] {
  const linePx = linesHeight(sizePx);
  const fits = Math.floor(roomPx / linePx);
  const shown = events.length <= fits ? events.length : Math.max(0, fits - 1);
  const lines: SceneNode[] = events.slice(0, shown).map(({ title, allDay }) => {
    const words = text(title, sizePx, { ink: allDay ? 'background' : 'text', bold: allDay });
    if (!allDay) return { ...words, height: linePx };
    return {
      type: 'box',
      ink: 'text',
      height: linePx - 1,
      child: column([words], { justify: 'centre', padding: { left: 3, right: 3 } }),
    };
  });
  if (events.length > shown && fits > 0)
    lines.push(text(`+ ${context.formats.number(events.length - shown)}`, sizePx, { bold: true }));
  return lines.map((line) => ({ ...line, width: widthPx - 6 }));
}

function weekdayName({ formats, size }: ScreenContext, day: Day, widthPx: number): string {
  const short = formats.date(day, 'weekday-short');
  return short.length * TYPE_SCALES[size].caption * 0.62 > widthPx ? formats.date(day, 'weekday-letter') : short;
}
