import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { ParagraphsSchema, WordsSchema } from './fields.js';
import { column, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/** A few words to be read from across the room, and who left them when. */
export const message = defineScreen({
  shows: 'A few words, as large as they go, and who left them',
  data: z.strictObject({
    text: ParagraphsSchema,
    from: WordsSchema.optional(),
    at: InstantSchema.optional().describe('when it was written'),
    align: z.enum(['start', 'centre']).default('centre'),
  }),
  build: (data, context) => {
    const scale = TYPE_SCALES[context.size];
    const mostPx = Math.round(Math.min(context.height * 0.3, context.width * 0.2));
    const signed = data.from !== undefined || data.at !== undefined;
    const signature = row(
      context,
      [
        data.from === undefined ? undefined : text(data.from, scale.body, { bold: true }),
        data.at === undefined
          ? undefined
          : text(context.formats.time(data.at), scale.body, { ink: paletteFor(context).muted, tabular: true }),
      ],
      { gap: scale.gap, justify: data.align },
    );
    const words = text(
      data.text,
      { min: scale.caption, max: mostPx },
      { maxLines: 100, align: data.align, bold: false },
    );
    return {
      scene: sceneOf(
        context,
        column(
          [
            column([words], {
              grow: 1,
              justify: 'centre',
              padding: { bottom: signed ? Math.round(scale.gap / 2) : 0 },
            }),
            signed ? signature : undefined,
          ],
          { padding: scale.margin, gap: scale.gap },
        ),
      ),
    };
  },
});
