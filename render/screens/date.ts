import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import { dayOf } from './local-time.js';
import { column, display, faintRule, leading, linesHeight, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/** A leaf of a tear-off calendar: weekday and month on a band, the day below, and what is special about it. */
export const date = defineScreen({
  shows: 'The day as a leaf of a tear-off calendar, and what is special about it',
  data: z.strictObject({
    now: InstantSchema,
    notes: z.array(WordsSchema).max(20).default([]).describe('birthdays, feasts, the bins'),
  }),
  build: ({ now, notes }, context) => {
    const scale = TYPE_SCALES[context.size];
    const palette = paletteFor(context);
    const { date: words } = context.formats;
    const day = dayOf(now, context.timeZone);
    const bandPx = Math.round(scale.title * 1.9);
    const beside = notes.length > 0 && context.width > context.height * 1.3;
    const leafWidth = beside ? Math.round(context.width * 0.48) : context.width;
    const notesBelowPx = beside || notes.length === 0 ? 0 : Math.round(context.height * 0.3);
    const numberPx = Math.min((context.height - bandPx - notesBelowPx) * 0.72, leafWidth * 0.62);
    const band = column(
      [text(words(day, 'weekday'), scale.title, { bold: true, align: 'centre', ink: palette.onAccent })],
      {
        ink: palette.accent,
        height: bandPx,
        justify: 'centre',
      },
    );
    const leaf = column(
      [
        display(words(day, 'day'), numberPx, { align: 'centre' }),
        text(words(day, 'month'), { min: scale.caption, max: Math.round(scale.title * 1.1) }, { align: 'centre' }),
      ],
      {
        justify: 'centre',
        gap: Math.round(scale.gap * 1.5),
        padding: scale.gap,
        width: beside ? leafWidth : undefined,
        grow: beside ? undefined : 1,
      },
    );
    const roomPx = beside ? context.height - bandPx - 2 * scale.margin : notesBelowPx;
    const fits = Math.max(1, Math.floor((roomPx + scale.gap) / (linesHeight(scale.body) + 2 * scale.gap)));
    const list = column(
      notes
        .slice(0, fits)
        .flatMap((note, index) => [
          index === 0 ? undefined : faintRule(context),
          text(note, scale.body, { align: beside ? leading(context, note) : 'centre' }),
        ]),
      { gap: scale.gap, padding: scale.margin, justify: 'centre', grow: beside ? 1 : undefined },
    );
    const below = beside
      ? row(context, [leaf, list], { grow: 1, align: 'stretch' })
      : column([leaf, notes.length === 0 ? undefined : list], { grow: 1 });
    return { scene: sceneOf(context, column([band, below])) };
  },
});
