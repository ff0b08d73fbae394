import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { ParagraphsSchema, WordsSchema } from './fields.js';
import { column, faintRule, row, rule, sceneOf, spring, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { DaySchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/** A letter on the fridge: a title, some paragraphs, a signature. */
export const note = defineScreen({
  shows: 'A title and paragraphs to read from near by, signed and dated',
  data: z.strictObject({
    title: WordsSchema.optional(),
    text: ParagraphsSchema,
    from: WordsSchema.optional(),
    day: DaySchema.optional(),
  }),
  build: ({ title, text: words, from, day }, context) => {
    const scale = TYPE_SCALES[context.size];
    // On the smallest sheets every line belongs to the text.
    const signed = context.size !== 'tiny' && (from !== undefined || day !== undefined);
    const head =
      title === undefined
        ? []
        : [text(title, { min: scale.body, max: scale.title * 1.25 }, { bold: true, maxLines: 2 }), rule(context)];
    const foot = row(
      context,
      [
        from === undefined ? undefined : text(from, scale.body, { bold: true }),
        spring(),
        day === undefined
          ? undefined
          : text(context.formats.date(day, 'long'), scale.caption, { ink: paletteFor(context).muted }),
      ],
      { gap: scale.gap },
    );
    const body = text(
      words,
      { min: scale.caption, max: Math.round(scale.title * 1.5) },
      { maxLines: 200, face: 'reading', lineHeight: 1.35, grow: 1 },
    );
    const inset = column([body], { grow: 1, padding: { top: Math.round(scale.gap / 2) } });
    return {
      scene: sceneOf(
        context,
        column([...head, inset, ...(signed ? [faintRule(context), foot] : [])], {
          padding: scale.margin,
          gap: scale.gap,
        }),
      ),
    };
  },
});
