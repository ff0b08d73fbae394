import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { addDays, addMonths, type Day, dayOf, daysBetween, weekdayOf } from '../local-time.js';
import { column, faintRule, linesHeight, row, rule, sceneOf, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import { agenda, agendaGap } from './agenda.js';
import { CalendarDataSchema, eventsOf, eventsOn } from './calendar-data.js';
import type { CalendarEvent } from './icalendar.js';
import { type Cell, dayCell, hasTitles } from './month-cell.js';

const DAYS = 7;
/** On an upright sheet without room for titles the grid keeps to this share of its height, and today stands below. */
const GRID_OF_HEIGHT = 0.58;

/** A month: a grid of days, with the titles of events where a day has room for them and dots where not. */
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
    const small = context.size === 'tiny' || context.size === 'small';
    const headPx = small && !context.portrait ? 0 : linesHeight(scale.title) + scale.gap;
    const namesPx = linesHeight(scale.caption);
    const roomPx = context.height - 2 * paddingPx - headPx - namesPx;
    const widthPx = Math.floor((context.width - 2 * paddingPx) / DAYS);
    const whole = { widthPx, heightPx: Math.floor(roomPx / weeks) - (small ? 0 : 1) };
    const withToday = context.portrait && !hasTitles(context, whole);
    const gridPx = withToday ? Math.round(context.height * GRID_OF_HEIGHT) - paddingPx - headPx - namesPx : roomPx;
    const cell = { widthPx, heightPx: Math.floor(gridPx / weeks) - (small ? 0 : 1) };
    const restPx = roomPx - weeks * (cell.heightPx + 1) - 2 * scale.gap - scale.rule;
    const lines = Array.from({ length: weeks }, (_, week) =>
      weekRow(context, addDays(first, week * DAYS), today, events, cell),
    );
    const grid = lines.flatMap((line) => (small ? [line] : [faintRule(context), line]));
    const title = text(data.title ?? context.formats.date(today, 'month'), scale.title, { bold: true });
    const below = withToday ? todayBelow(context, events, today, data.now, restPx) : [];
    return {
      scene: sceneOf(
        context,
        column(
          [
            headPx === 0 ? undefined : column([title], { height: headPx }),
            names(context, first, widthPx),
            ...grid,
            ...below,
          ],
          { padding: paddingPx },
        ),
      ),
      unread,
    };
  },
});

function weekRow(
  context: ScreenContext,
  first: Day,
  today: Day,
  events: readonly CalendarEvent[],
  cell: Cell,
): SceneNode {
  const days = Array.from({ length: DAYS }, (_, index) => addDays(first, index));
  const cells = days.map((day) => dayCell(context, day, today, eventsOn(events, day), cell));
  return row(context, cells, { height: cell.heightPx, align: 'start' });
}

function names(context: ScreenContext, first: Day, widthPx: number): SceneNode {
  const { caption } = TYPE_SCALES[context.size];
  const days = Array.from({ length: DAYS }, (_, index) => addDays(first, index));
  const short = days.map((day) => context.formats.date(day, 'weekday-short'));
  const letters = short.some((name) => name.length * caption * 0.6 > widthPx);
  const cells = days.map((day, index) =>
    text(letters ? context.formats.date(day, 'weekday-letter') : (short[index] ?? ''), caption, {
      align: 'centre',
      width: widthPx,
      ink: paletteFor(context).muted,
      wrap: false,
    }),
  );
  return row(context, cells, { height: linesHeight(caption) });
}

function todayBelow(
  context: ScreenContext,
  events: readonly CalendarEvent[],
  today: Day,
  nowMs: number,
  heightPx: number,
): SceneNode[] {
  const { gap } = TYPE_SCALES[context.size];
  const paddingPx = Math.round(TYPE_SCALES[context.size].margin * 0.6);
  const room = { widthPx: context.width - 2 * paddingPx, heightPx, brief: context.size === 'tiny' };
  const { lines } = agenda(context, eventsOn(events, today), nowMs, room);
  return [rule(context), column(lines, { padding: { top: gap }, gap: agendaGap(context) })];
}
