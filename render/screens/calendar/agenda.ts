import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { column, leading, linesHeight, row, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import type { CalendarEvent } from './icalendar.js';

/** Where an agenda goes; a brief one leaves places out. */
export type AgendaRoom = { widthPx: number; heightPx: number; brief?: boolean };

export type Agenda = { lines: SceneNode[]; heightPx: number; left: number };

/** Between the lines of an agenda. */
export function agendaGap({ size }: ScreenContext): number {
  return Math.round(TYPE_SCALES[size].gap * 0.75);
}

/** The height of all the events, one below the other. */
export function agendaHeight(context: ScreenContext, events: readonly CalendarEvent[], room: AgendaRoom): number {
  const heights = events.map((event) => rowHeight(context, event, room) + agendaGap(context));
  return heights.reduce((sum, height) => sum + height, -agendaGap(context));
}

/** The events of a day one below the other, as many as there is room for; the last line counts those `left` out. */
export function agenda(
  context: ScreenContext,
  events: readonly CalendarEvent[],
  nowMs: number,
  room: AgendaRoom,
): Agenda {
  const scale = TYPE_SCALES[context.size];
  const morePx = linesHeight(scale.caption) + agendaGap(context);
  let shown = events.length;
  while (shown > 1) {
    const heightPx = agendaHeight(context, events.slice(0, shown), room);
    if (heightPx + (shown < events.length ? morePx : 0) <= room.heightPx) break;
    shown -= 1;
  }
  const listed = events.slice(0, shown);
  const timePx = timeWidth(context, listed);
  const lines: SceneNode[] = listed.map((event) => eventRow(context, event, nowMs, timePx, room));
  const left = events.length - shown;
  const heightPx = agendaHeight(context, listed, room);
  // Without room for a line of its own, the count of what is left out stays away rather than over the edge.
  const counted = left > 0 && heightPx + morePx <= room.heightPx;
  if (counted) {
    const align = leading(context, '');
    lines.push(text(`+ ${context.formats.number(left)}`, scale.caption, { bold: true, align }));
  }
  return { lines, heightPx: heightPx + (counted ? morePx : 0), left };
}

function timeWidth(context: ScreenContext, events: readonly CalendarEvent[]): number {
  const times = events.filter(({ allDay }) => !allDay).map(({ startMs }) => context.formats.time(startMs).length);
  return Math.round(TYPE_SCALES[context.size].body * 0.64 * Math.max(5, ...times));
}

function rowHeight(context: ScreenContext, event: CalendarEvent, room: AgendaRoom): number {
  const scale = TYPE_SCALES[context.size];
  const placePx = hasPlace(context, event, room) ? linesHeight(scale.caption) : 0;
  return linesHeight(scale.body) + (event.allDay ? Math.round(scale.gap / 2) : placePx);
}

function eventRow(
  context: ScreenContext,
  event: CalendarEvent,
  nowMs: number,
  timePx: number,
  room: AgendaRoom,
): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { accent, faint, muted } = paletteFor(context);
  const title = event.title === '' ? '\u2013' : event.title;
  if (event.allDay) {
    return {
      type: 'box',
      border: scale.rule,
      radius: Math.round(scale.gap / 2),
      height: rowHeight(context, event, room),
      child: column([text(title, scale.body, { bold: true, align: leading(context, title) })], {
        justify: 'centre',
        padding: { left: scale.gap, right: scale.gap },
      }),
    };
  }
  const running = event.startMs <= nowMs && nowMs < event.endMs;
  const over = event.endMs <= nowMs && event.startMs < nowMs;
  const ink = over ? muted : 'text';
  const barInk = running ? accent : over ? faint : 'text';
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
      {
        type: 'box',
        width: Math.max(2, Math.round(scale.gap * (running ? 0.6 : 0.3))),
        alignSelf: 'stretch',
        ink: barInk,
      },
      column(
        [
          text(title, scale.body, { ink, bold: running, align: leading(context, title) }),
          hasPlace(context, event, room)
            ? text(event.location ?? '', scale.caption, { ink: muted, align: leading(context, event.location ?? '') })
            : undefined,
        ],
        { grow: 1 },
      ),
    ],
    { gap: scale.gap, align: 'start', height: rowHeight(context, event, room) },
  );
}

function hasPlace(
  { size }: ScreenContext,
  { location, allDay }: CalendarEvent,
  { brief, widthPx }: AgendaRoom,
): boolean {
  if (location === undefined || allDay || brief === true) return false;
  return size !== 'tiny' && size !== 'small' && widthPx > 14 * TYPE_SCALES[size].body;
}
