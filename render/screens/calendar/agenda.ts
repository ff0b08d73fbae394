import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { column, linesHeight, row, text } from '../nodes.js';
import { type InkName, paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import type { CalendarEvent } from './icalendar.js';

type AgendaRoom = { widthPx: number; heightPx: number };

/** The events of a day one below the other, as many as there is room for; the last line counts the others. */
export function agenda(
  context: ScreenContext,
  events: readonly CalendarEvent[],
  nowMs: number,
  { widthPx, heightPx }: AgendaRoom,
): SceneNode[] {
  const scale = TYPE_SCALES[context.size];
  const gapPx = Math.round(scale.gap * 0.75);
  const timed = events.filter(({ allDay }) => !allDay);
  const times = timed.map((event) => context.formats.time(event.startMs));
  const timePx = Math.round(scale.body * 0.62 * Math.max(5, ...times.map(({ length }) => length)));
  const heightOf = (event: CalendarEvent) => rowHeight(context, event, widthPx) + gapPx;
  let leftPx = heightPx + gapPx;
  let fits = 0;
  while (fits < events.length) {
    const event = events[fits];
    const morePx = fits < events.length - 1 ? linesHeight(scale.caption) + gapPx : 0;
    const tallPx = event === undefined ? 0 : heightOf(event);
    if (event === undefined || tallPx + (fits === events.length - 1 ? 0 : morePx) > leftPx) break;
    leftPx -= tallPx;
    fits += 1;
  }
  const shown = Math.max(1, fits);
  const lines: SceneNode[] = events.slice(0, shown).map((event) => eventRow(context, event, nowMs, timePx, widthPx));
  if (events.length > shown) {
    lines.push(text(`+ ${context.formats.number(events.length - shown)}`, scale.caption, { bold: true }));
  }
  return lines;
}

function rowHeight(context: ScreenContext, event: CalendarEvent, widthPx: number): number {
  const scale = TYPE_SCALES[context.size];
  return linesHeight(scale.body) + (placed(context, event, widthPx) ? linesHeight(scale.caption) : 0);
}

function eventRow(
  context: ScreenContext,
  event: CalendarEvent,
  nowMs: number,
  timePx: number,
  widthPx: number,
): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { accent, faint, muted } = paletteFor(context);
  const title = event.title === '' ? '\u2013' : event.title;
  if (event.allDay) {
    const heightPx = rowHeight(context, event, widthPx);
    return {
      type: 'box',
      ink: 'text',
      radius: Math.round(scale.gap / 2),
      height: heightPx,
      child: column([text(title, Math.round(scale.body * 0.92), { bold: true, ink: 'background' })], {
        justify: 'centre',
        padding: { left: scale.gap, right: scale.gap },
      }),
    };
  }
  const running = event.startMs <= nowMs && nowMs < event.endMs;
  const over = event.endMs <= nowMs && event.startMs < nowMs;
  const ink: InkName = over ? muted : 'text';
  const bar: SceneNode = {
    type: 'box',
    width: Math.max(3, Math.round(scale.gap * 0.5)),
    alignSelf: 'stretch',
    ink: running ? accent : over ? faint : 'text',
  };
  return row(
    context,
    [
      text(context.formats.time(event.startMs), scale.body, {
        bold: !over,
        tabular: true,
        width: timePx,
        ink,
        wrap: false,
      }),
      bar,
      column(
        [
          text(title, scale.body, { ink }),
          placed(context, event, widthPx) ? text(event.location ?? '', scale.caption, { ink: muted }) : undefined,
        ],
        { grow: 1 },
      ),
    ],
    { gap: scale.gap, align: 'start' },
  );
}

function placed({ size }: ScreenContext, { location, allDay }: CalendarEvent, widthPx: number): boolean {
  return (
    location !== undefined && !allDay && size !== 'tiny' && size !== 'small' && widthPx > 14 * TYPE_SCALES[size].body
  );
}
