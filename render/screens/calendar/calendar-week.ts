import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { addDays, type Day, dayOf, weekdayOf } from '../local-time.js';
import { column, faintRule, leading, linesHeight, row, sceneOf, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import { agenda, agendaGap, agendaHeight } from './agenda.js';
import { CalendarDataSchema, eventsOf, eventsOn } from './calendar-data.js';
import type { CalendarEvent } from './icalendar.js';

const DAYS = 7;
/** A column narrower than this breaks the words of most titles. */
const LEAST_COLUMN_EMS = 5.5;

/** A week: seven columns where the sheet is wide, else the days from today on below each other. */
export const calendarWeek = defineScreen({
  shows: 'The week in seven columns, or below each other on an upright sheet',
  data: CalendarDataSchema,
  build: (data, context) => {
    const today = dayOf(data.now, context.timeZone);
    const { caption } = TYPE_SCALES[context.size];
    const asColumns = context.width > context.height * 1.2 && context.width > DAYS * LEAST_COLUMN_EMS * caption;
    const first = asColumns ? addDays(today, -((weekdayOf(today) - context.weekStart + DAYS) % DAYS)) : today;
    const days = Array.from({ length: DAYS }, (_, index) => addDays(first, index));
    const { events, unread } = eventsOf(data, context, first, addDays(first, DAYS - 1));
    const root = asColumns
      ? columns(context, days, today, events, data.now)
      : rows(context, days, today, events, data.now);
    return { scene: sceneOf(context, root), unread };
  },
});

function columns(context: ScreenContext, days: Day[], today: Day, events: CalendarEvent[], nowMs: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const paddingPx = Math.round(scale.margin * 0.6);
  const { date } = context.formats;
  const { accent, onAccent } = paletteFor(context);
  const gapPx = scale.gap;
  const widthPx = Math.floor((context.width - 2 * paddingPx - (DAYS - 1) * gapPx) / DAYS);
  const headPx = linesHeight(scale.caption) + linesHeight(scale.title) + scale.gap;
  const cells = days.map((day) => {
    const isToday = day === today;
    const head = column(
      [
        text(
          date(day, 'weekday-short'),
          { min: Math.round(scale.caption * 0.7), max: scale.caption },
          { align: 'centre', ink: isToday ? onAccent : 'text' },
        ),
        text(date(day, 'day'), scale.title, {
          align: 'centre',
          bold: true,
          tabular: true,
          ink: isToday ? onAccent : 'text',
        }),
      ],
      { height: headPx - 4, justify: 'centre' },
    );
    const marked: SceneNode = isToday
      ? { type: 'box', ink: accent, radius: Math.round(scale.gap / 2), child: head }
      : head;
    const roomPx = context.height - 2 * paddingPx - headPx - 2 * scale.gap;
    return column([marked, faintRule(context), ...blocks(context, eventsOn(events, day), nowMs, roomPx)], {
      width: widthPx,
      gap: Math.round(scale.gap * 0.75),
    });
  });
  return row(context, cells, { gap: gapPx, padding: paddingPx, align: 'start' });
}

/** Events of one day in a narrow column: the time above the title, which may take two lines. */
function blocks(context: ScreenContext, events: readonly CalendarEvent[], nowMs: number, roomPx: number): SceneNode[] {
  const scale = TYPE_SCALES[context.size];
  const { accent, muted } = paletteFor(context);
  const sizePx = Math.round(scale.caption * 0.95);
  const gapPx = Math.round(scale.gap * 0.75);
  const heightOf = ({ allDay }: CalendarEvent) => linesHeight(sizePx, allDay ? 1.3 : 3) + gapPx;
  let left = roomPx;
  let fits = 0;
  for (const event of events) {
    const more = fits < events.length - 1 ? linesHeight(sizePx) : 0;
    if (heightOf(event) + more > left) break;
    left -= heightOf(event);
    fits += 1;
  }
  const lines: SceneNode[] = events.slice(0, fits).map((event) => {
    if (event.allDay) {
      const chip = column(
        [text(event.title, sizePx, { bold: true, ink: 'background', align: leading(context, event.title) })],
        {
          justify: 'centre',
          padding: { left: 4, right: 4 },
        },
      );
      return { type: 'box', ink: 'text', radius: 3, height: linesHeight(sizePx, 1.3), child: chip };
    }
    const running = event.startMs <= nowMs && nowMs < event.endMs;
    const over = event.endMs <= nowMs;
    const time = context.formats.time(event.startMs);
    return column([
      text(time, sizePx, {
        bold: true,
        tabular: true,
        align: leading(context, time),
        ink: running ? accent : over ? muted : 'text',
      }),
      text(event.title, sizePx, { maxLines: 2, ink: over ? muted : 'text', align: leading(context, event.title) }),
    ]);
  });
  if (events.length > fits)
    lines.push(
      text(`+ ${context.formats.number(events.length - fits)}`, sizePx, { bold: true, align: leading(context, '') }),
    );
  return lines;
}

/** Days below each other, each with as much of the height as its events want, while there is enough. */
function rows(context: ScreenContext, days: Day[], today: Day, events: CalendarEvent[], nowMs: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { date } = context.formats;
  const { accent } = paletteFor(context);
  const small = context.size === 'tiny' || context.size === 'small';
  const leafPx = Math.round(scale.title * 1.9);
  const leastPx = linesHeight(scale.caption) + linesHeight(scale.title) + 2;
  const partPx = scale.gap * 2 + scale.rule;
  const busy = days.filter((day) => day === today || !small || eventsOn(events, day).length > 0);
  const roomPx = context.height - 2 * scale.margin;
  const shown = busy.slice(0, Math.max(1, Math.floor((roomPx + partPx) / (leastPx + partPx))));
  const room = { widthPx: context.width - 2 * scale.margin - leafPx - scale.gap, heightPx: 0, brief: true };
  const wishes = shown.map((day) => Math.max(leastPx, agendaHeight(context, eventsOn(events, day), room)));
  const heights = shareHeight(wishes, leastPx, roomPx - (shown.length - 1) * partPx);
  const lines = shown.map((day, index) => {
    const heightPx = heights[index] ?? leastPx;
    const ink = day === today ? accent : 'text';
    const leaf = column(
      [
        text(
          date(day, 'weekday-short'),
          { min: Math.round(scale.caption * 0.7), max: scale.caption },
          { align: 'centre', ink, bold: day === today },
        ),
        text(date(day, 'day'), scale.title, { align: 'centre', bold: true, tabular: true, ink }),
      ],
      { width: leafPx },
    );
    const list = column(agenda(context, eventsOn(events, day), nowMs, { ...room, heightPx }).lines, {
      grow: 1,
      gap: agendaGap(context),
    });
    return row(context, [leaf, list], { gap: scale.gap, align: 'start', height: heightPx });
  });
  return column(
    lines.flatMap((line, index) => (index === 0 ? [line] : [faintRule(context), line])),
    { padding: scale.margin, gap: scale.gap },
  );
}

/** Takes from those that wish for most until all fit, and gives what is left to all alike. */
function shareHeight(wishes: readonly number[], leastPx: number, roomPx: number): number[] {
  let mostPx = Math.max(...wishes);
  const given = () => wishes.map((wish) => Math.max(leastPx, Math.min(wish, mostPx)));
  const total = () => given().reduce((sum, height) => sum + height, 0);
  while (total() > roomPx && mostPx > leastPx) mostPx -= 1;
  const sparePx = Math.max(0, Math.floor((roomPx - total()) / wishes.length));
  return given().map((height) => height + sparePx);
}
