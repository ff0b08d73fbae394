import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { ParagraphsSchema, WordsSchema } from './fields.js';
import { column, icon, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { TYPE_SCALES } from './type-scale.js';

/** Somebody's words, set as a book would set them. */
export const quote = defineScreen({
  shows: "Somebody's words and who said them",
  data: z.strictObject({ text: ParagraphsSchema, author: WordsSchema.optional(), source: WordsSchema.optional() }),
  build: ({ text: words, author, source }, context) => {
    const scale = TYPE_SCALES[context.size];
    const { accent, muted } = paletteFor(context);
    const markPx = Math.round(scale.headline * 0.8);
    const roomy = context.size !== 'tiny' && context.size !== 'small';
    const credit = column(
      [
        author === undefined ? undefined : text(author, scale.body, { bold: true }),
        source === undefined ? undefined : text(source, scale.caption, { ink: muted }),
      ],
      { gap: 2 },
    );
    return {
      scene: sceneOf(
        context,
        column(
          [
            roomy ? row(context, [icon('quote', markPx, { ink: accent })]) : undefined,
            column(
              [
                text(
                  words,
                  { min: scale.caption, max: Math.round(scale.headline * 0.85) },
                  { face: 'reading', maxLines: 100, lineHeight: 1.3 },
                ),
              ],
              { grow: 1, justify: 'centre', padding: { bottom: scale.gap } },
            ),
            author === undefined && source === undefined ? undefined : credit,
          ],
          { padding: scale.margin, gap: scale.gap },
        ),
      ),
    };
  },
});
