import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { type Day, dayOf } from '../local-time.js';
import { column, faintRule, icon, linesHeight, row, rule, sceneOf, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import { agenda } from './agenda.js';
import { CalendarDataSchema, eventsOf, eventsOn } from './calendar-data.js';

/** One day: its date large, and what is on, from the hour on that it is. */
export const calendarDay = defineScreen({
  shows: 'What is on today, the running event marked',
  data: CalendarDataSchema,
  build: (data, context) => {
    const scale = TYPE_SCALES[context.size];
    const { height, width } = context;
    const day = dayOf(data.now, context.timeZone);
    const { events, unread } = eventsOf(data, context, day, day);
    const today = eventsOn(events, day);
    // Where not all fits, what is over goes first.
    const still = today.filter(({ allDay, endMs, startMs }) => allDay || endMs > data.now || startMs >= data.now);
    const beside = width > height * 1.2;
    const leafPx = Math.round(Math.min(width * 0.34, height * 0.75));
    const headPx = linesHeight(scale.headline * 0.9) + scale.gap * 2 + scale.rule;
    const room = beside
      ? { widthPx: width - leafPx - 2 * scale.margin, heightPx: height - 2 * scale.margin }
      : { widthPx: width - 2 * scale.margin, heightPx: height - 2 * scale.margin - headPx };
    const whole = agenda(context, today, data.now, room);
    const lines =
      whole.length > today.length || whole.length < today.length ? agenda(context, still, data.now, room) : whole;
    const list =
      today.length === 0
        ? column([icon('calendar-check', scale.headline, { alignSelf: 'centre' })], { grow: 1, justify: 'centre' })
        : column(lines, { grow: 1, gap: Math.round(scale.gap * 0.75) });
    const root = beside
      ? row(context, [leaf(context, day, leafPx), rule(context), column([list], { grow: 1, padding: scale.margin })], {
          align: 'stretch',
        })
      : column([head(context, day), faintRule(context), list], { padding: scale.margin, gap: scale.gap });
    return { scene: sceneOf(context, root), unread };
  },
});

function leaf(context: ScreenContext, day: Day, widthPx: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { accent } = paletteFor(context);
  const { date } = context.formats;
  const numberPx = Math.round(Math.min(widthPx * 0.66, context.height * 0.5));
  return column(
    [
      text(
        date(day, 'weekday'),
        { min: scale.caption, max: scale.title },
        { align: 'centre', bold: true, ink: accent },
      ),
      text(date(day, 'day'), numberPx, { align: 'centre', bold: true, tabular: true, lineHeight: 1 }),
      text(
        date(day, 'month'),
        { min: scale.caption - 1, max: Math.round(scale.title * 0.8) },
        { align: 'centre', maxLines: 2 },
      ),
    ],
    { width: widthPx, justify: 'centre', padding: scale.gap },
  );
}

function head(context: ScreenContext, day: Day): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { date } = context.formats;
  return row(
    context,
    [
      text(date(day, 'day'), Math.round(scale.headline * 0.9), { bold: true, tabular: true, lineHeight: 1 }),
      column(
        [
          text(date(day, 'weekday'), scale.body, { bold: true, ink: paletteFor(context).accent }),
          text(date(day, 'month'), scale.caption),
        ],
        { grow: 1 },
      ),
    ],
    { gap: scale.gap * 1.5, height: linesHeight(scale.headline * 0.9) },
  );
}
