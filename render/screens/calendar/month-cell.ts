import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import type { Day } from '../local-time.js';
import { column, display, leading, linesHeight, row, spring, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import type { CalendarEvent } from './icalendar.js';

/** The place of one day. */
export type Cell = { widthPx: number; heightPx: number };

/** A title needs so many letters to say anything. */
const LEAST_TITLE_LETTERS = 10;
const LETTER_WIDTH = 0.55;
const MOST_DOTS = 3;

/** Whether days of this size show what is on, or only that something is. */
export function hasTitles(context: ScreenContext, cell: Cell): boolean {
  const sizePx = titlePx(context);
  return (
    cell.widthPx >= LEAST_TITLE_LETTERS * sizePx * LETTER_WIDTH &&
    cell.heightPx >= numberHeight(context, cell) + linesHeight(sizePx)
  );
}

/** A day of the month. Days of the months around stay away: the month is read as a shape. */
export function dayCell(
  context: ScreenContext,
  day: Day,
  today: Day,
  events: readonly CalendarEvent[],
  cell: Cell,
): SceneNode {
  const { widthPx, heightPx } = cell;
  if (day.slice(0, 7) !== today.slice(0, 7)) return column([], { width: widthPx, height: heightPx });
  if (!hasTitles(context, cell)) {
    const numberPx = numberHeight(context, cell);
    const dotPx = dotSize(context);
    const dotted = events.length > 0 && heightPx >= numberPx + dotPx + 2;
    const number = numberBadge(context, day, day === today, events.length > 0, cell);
    const dots = dotted ? dotsRow(context, Math.min(MOST_DOTS, events.length)) : undefined;
    return column([{ ...number, alignSelf: 'centre' }, dots], { width: widthPx, height: heightPx, gap: 1 });
  }
  const number = numberBadge(context, day, day === today, false, cell);
  const sizePx = titlePx(context);
  const fits = Math.floor((heightPx - numberHeight(context, cell)) / linesHeight(sizePx));
  const left = events.length - fits;
  const more = left > 0 ? text(`+${context.formats.number(left)}`, sizePx, { bold: true }) : undefined;
  return column(
    [
      row(context, [number, spring(), more], { height: numberHeight(context, cell) }),
      ...events.slice(0, fits).map((event) => titleRow(context, event)),
    ],
    { width: widthPx, height: heightPx, padding: { right: Math.round(widthPx * 0.05) } },
  );
}

function numberBadge(context: ScreenContext, day: Day, isToday: boolean, bold: boolean, cell: Cell): SceneNode {
  const { accent, onAccent } = paletteFor(context);
  const heightPx = numberHeight(context, cell);
  const words = context.formats.date(day, 'day');
  const number = column(
    [
      display(words, numberSize(context, cell), {
        align: 'centre',
        bold: isToday || bold,
        ink: isToday ? onAccent : 'text',
      }),
    ],
    { justify: 'centre', height: heightPx, width: Math.min(cell.widthPx - 2, Math.round(heightPx * 1.4)) },
  );
  if (!isToday) return number;
  const { width, height } = number;
  return { type: 'box', ink: accent, radius: Math.min(6, Math.round(heightPx / 5)), width, height, child: number };
}

function titleRow(context: ScreenContext, { title, allDay }: CalendarEvent): SceneNode {
  const sizePx = titlePx(context);
  const words = text(title === '' ? '\u2013' : title, sizePx, {
    ink: allDay ? 'background' : 'text',
    bold: allDay,
    align: leading(context, title),
  });
  const line = column([words], { justify: 'centre', height: linesHeight(sizePx), padding: { left: 3, right: 2 } });
  return allDay ? { type: 'box', ink: 'text', radius: 2, child: line } : line;
}

function dotsRow(context: ScreenContext, count: number): SceneNode {
  const sizePx = dotSize(context);
  const dot: SceneNode = { type: 'box', width: sizePx, height: sizePx, radius: Math.floor(sizePx / 2), ink: 'text' };
  return row(
    context,
    Array.from({ length: count }, () => dot),
    { gap: 2, justify: 'centre' },
  );
}

function numberHeight(context: ScreenContext, cell: Cell): number {
  return Math.min(cell.heightPx, linesHeight(numberSize(context, cell)));
}

function numberSize({ size }: ScreenContext, { heightPx }: Cell): number {
  const { body, caption } = TYPE_SCALES[size];
  return Math.max(8, Math.min(size === 'tiny' ? body : Math.round(caption * 1.15), Math.floor(heightPx / 1.25)));
}

function titlePx({ size }: ScreenContext): number {
  return Math.round(TYPE_SCALES[size].caption * 0.8);
}

function dotSize({ size }: ScreenContext): number {
  return Math.max(3, Math.round(TYPE_SCALES[size].gap * 0.5));
}
