import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { addDays, type Day, dayOf } from '../local-time.js';
import { column, display, faintRule, icon, linesHeight, row, rule, sceneOf, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import { type AgendaRoom, agenda, agendaGap, agendaHeight } from './agenda.js';
import { CalendarDataSchema, eventsOf, eventsOn } from './calendar-data.js';
import type { CalendarEvent } from './icalendar.js';

/** Days after today that may be told of where today leaves room. */
const DAYS_AHEAD = 6;

/** One day: its date large, what is on, and below it the days that follow. */
export const calendarDay = defineScreen({
  shows: 'What is on today, the running event marked, and the next days where there is room',
  data: CalendarDataSchema,
  build: (data, context) => {
    const scale = TYPE_SCALES[context.size];
    const { height, width } = context;
    const day = dayOf(data.now, context.timeZone);
    const { events, unread } = eventsOf(data, context, day, addDays(day, DAYS_AHEAD));
    const beside = width > height * 1.2;
    const leafPx = Math.round(Math.min(width * 0.34, height * 0.75));
    const headPx = linesHeight(scale.headline);
    const room = beside
      ? { widthPx: width - leafPx - 2 * scale.margin, heightPx: height - 2 * scale.margin }
      : {
          widthPx: width - 2 * scale.margin,
          heightPx: height - 2 * scale.margin - headPx - 2 * scale.gap - scale.rule,
        };
    const list = column(sections(context, events, day, data.now, room), { grow: 1, gap: agendaGap(context) });
    const root = beside
      ? row(context, [leaf(context, day, leafPx), rule(context), column([list], { grow: 1, padding: scale.margin })], {
          align: 'stretch',
        })
      : column([head(context, day, headPx), faintRule(context), list], { padding: scale.margin, gap: scale.gap });
    return { scene: sceneOf(context, root), unread };
  },
});

function sections(
  context: ScreenContext,
  events: readonly CalendarEvent[],
  today: Day,
  nowMs: number,
  room: AgendaRoom,
): SceneNode[] {
  const scale = TYPE_SCALES[context.size];
  const all = eventsOn(events, today);
  // Where not all fits, what is over goes first.
  const still = all.filter(({ allDay, endMs, startMs }) => allDay || endMs > nowMs || startMs >= nowMs);
  const listed = agendaHeight(context, all, room) <= room.heightPx ? all : still;
  const first = agenda(context, listed, nowMs, room);
  const freePx = Math.round(scale.title * 1.4);
  const lines = listed.length === 0 ? [icon('calendar-check', freePx)] : first.lines;
  let leftPx = room.heightPx - (listed.length === 0 ? freePx : first.heightPx);
  const headingPx = linesHeight(scale.caption) + scale.gap + agendaGap(context);
  for (let ahead = 1; ahead <= DAYS_AHEAD && first.left === 0; ahead += 1) {
    const day = addDays(today, ahead);
    const next = eventsOn(events, day);
    const heightPx = leftPx - headingPx - agendaGap(context);
    const [one] = next;
    if (one === undefined) continue;
    if (agendaHeight(context, [one], room) > heightPx) break;
    const section = agenda(context, next, nowMs, { ...room, heightPx });
    const heading = text(context.formats.date(day, 'long'), scale.caption, {
      ink: paletteFor(context).accent,
      bold: true,
    });
    lines.push(column([heading], { height: headingPx - agendaGap(context), justify: 'end' }), ...section.lines);
    leftPx = heightPx - section.heightPx - agendaGap(context);
    if (section.left > 0) break;
  }
  return lines;
}

function leaf(context: ScreenContext, day: Day, widthPx: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { date } = context.formats;
  const numberPx = Math.min(widthPx * 0.62, context.height * 0.5);
  return column(
    [
      text(
        date(day, 'weekday'),
        { min: scale.caption, max: scale.title },
        { align: 'centre', bold: true, ink: paletteFor(context).accent },
      ),
      display(date(day, 'day'), numberPx, { align: 'centre' }),
      text(
        date(day, 'month'),
        { min: scale.caption - 1, max: Math.round(scale.title * 0.8) },
        { align: 'centre', maxLines: 2 },
      ),
    ],
    { width: widthPx, justify: 'centre', padding: scale.gap, gap: Math.round(scale.gap * 1.8) },
  );
}

function head(context: ScreenContext, day: Day, heightPx: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { date } = context.formats;
  return row(
    context,
    [
      display(date(day, 'day'), scale.headline),
      column(
        [
          text(date(day, 'weekday'), scale.body, { bold: true, ink: paletteFor(context).accent }),
          text(date(day, 'month'), scale.caption),
        ],
        { grow: 1 },
      ),
    ],
    { gap: scale.gap * 1.5, height: heightPx },
  );
}
