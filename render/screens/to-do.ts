import { z } from 'zod';
import type { SceneNode } from '../scene/schema.js';
import type { ScreenContext } from './context.js';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import { header, headerHeight } from './header.js';
import { type Day, dayOf } from './local-time.js';
import { column, icon, leading, linesHeight, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { DaySchema, InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

const MOST_GROWTH = 1.45;
const LETTER_WIDTH = 0.53;

type Item = { text: string; done: boolean; due?: string | undefined };

/** A list to tick off: what is open first, as given; done things are the first to go when room is short. */
export const toDo = defineScreen({
  shows: 'A list to tick off, with days on which things are due',
  data: z.strictObject({
    title: WordsSchema,
    items: z
      .array(z.strictObject({ text: WordsSchema, done: z.boolean().default(false), due: DaySchema.optional() }))
      .max(500),
    now: InstantSchema.optional().describe('tells which things are overdue'),
  }),
  build: ({ title, items, now }, context) => {
    const scale = TYPE_SCALES[context.size];
    const today = now === undefined ? undefined : dayOf(now, context.timeZone);
    const open = items.filter(({ done }) => !done);
    const done = items.filter((item) => item.done);
    const roomPx = context.height - 2 * scale.margin - headerHeight(context) - scale.gap;
    const leastPx = linesHeight(scale.body) + Math.round(scale.gap * 0.75);
    // A short list is read from farther away.
    const longest = Math.max(1, ...items.map(({ text: words, due }) => words.length + (due === undefined ? 3 : 11)));
    const widthPx = context.width - 2 * scale.margin;
    const growth = Math.min(
      MOST_GROWTH,
      widthPx / (longest * LETTER_WIDTH * scale.body),
      roomPx / items.length / leastPx,
    );
    const rowPx = Math.round(leastPx * Math.max(1, growth));
    const fits = Math.max(1, Math.floor(roomPx / rowPx));
    const wide = context.width > context.height * 1.3 && context.width > 30 * scale.body;
    const columns = wide && items.length > fits ? 2 : 1;
    const room = fits * columns;
    const all = [...open, ...done];
    const shown = all.length <= room ? all : all.slice(0, room - 1);
    const rows = shown.map((item) => itemRow(context, item, rowPx, today));
    if (all.length > shown.length) rows.push(moreRow(context, all.length - shown.length, rowPx));
    const halves = Array.from({ length: columns }, (_, index) =>
      column(rows.slice(index * fits, (index + 1) * fits), { width: `${100 / columns - (columns - 1) * 1.5}%` }),
    );
    const nothing = column(
      [icon('check-circle', scale.headline, { alignSelf: 'centre', ink: paletteFor(context).good })],
      {
        grow: 1,
        justify: 'centre',
      },
    );
    const share =
      items.length === 0 || done.length === 0
        ? undefined
        : `${context.formats.number(done.length)} / ${context.formats.number(items.length)}`;
    return {
      scene: sceneOf(
        context,
        column(
          [
            header(context, { title, aside: share }),
            items.length === 0 ? nothing : row(context, halves, { align: 'start', justify: 'between', grow: 1 }),
          ],
          { padding: scale.margin, gap: scale.gap },
        ),
      ),
    };
  },
});

function itemRow(
  context: ScreenContext,
  { text: words, done, due }: Item,
  rowPx: number,
  today: Day | undefined,
): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { accent, muted } = paletteFor(context);
  const sizePx = Math.round(((rowPx - scale.gap * 0.75) / linesHeight(scale.body)) * scale.body);
  const late = due !== undefined && today !== undefined && due <= today && !done;
  return row(
    context,
    [
      icon(done ? 'checkbox-checked' : 'checkbox', Math.round(sizePx * 1.1), { ink: done ? muted : 'text' }),
      text(words, sizePx, { grow: 1, align: leading(context, words), ink: done ? muted : 'text' }),
      due === undefined
        ? undefined
        : text(context.formats.date(due, 'short'), scale.caption, { ink: late ? accent : muted, bold: late }),
    ],
    { gap: scale.gap, height: rowPx },
  );
}

function moreRow(context: ScreenContext, count: number, rowPx: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  return row(
    context,
    [text(`+ ${context.formats.number(count)}`, scale.body, { bold: true, grow: 1, align: leading(context, '') })],
    { height: rowPx },
  );
}
