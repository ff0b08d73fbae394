import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { ParagraphsSchema, WordsSchema } from './fields.js';
import { column, faintRule, icon, row, sceneOf, spring, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/** What does not work, what to do about it, and the code to tell whoever helps. */
export const error = defineScreen({
  shows: 'What does not work, what to do about it, and the code to tell whoever helps',
  data: z.strictObject({
    title: WordsSchema,
    text: ParagraphsSchema.optional().describe('what to do'),
    code: WordsSchema.optional(),
    at: InstantSchema.optional().describe('since when'),
  }),
  build: ({ title, text: words, code, at }, context) => {
    const scale = TYPE_SCALES[context.size];
    const { accent, muted } = paletteFor(context);
    const roomy = context.size !== 'tiny';
    const head = text(
      title,
      { min: scale.body, max: Math.round(scale.title * (roomy ? 1.4 : 1)) },
      { bold: true, maxLines: 3, grow: 1 },
    );
    const foot = row(
      context,
      [
        code === undefined ? undefined : text(code, scale.caption, { face: 'mono', grow: 1 }),
        code === undefined ? spring() : undefined,
        at === undefined ? undefined : text(context.formats.time(at), scale.caption, { ink: muted, tabular: true }),
      ],
      { gap: scale.gap },
    );
    return {
      scene: sceneOf(
        context,
        column(
          [
            row(
              context,
              [icon('warning', roomy ? Math.round(scale.title * 1.8) : scale.headline, { ink: accent }), head],
              {
                gap: Math.round(scale.gap * 1.5),
              },
            ),
            column(
              [
                words === undefined
                  ? undefined
                  : text(words, { min: scale.caption, max: Math.round(scale.body * 1.5) }, { maxLines: 40 }),
              ],
              { grow: 1, padding: { top: scale.gap } },
            ),
            ...(code === undefined && at === undefined ? [] : [faintRule(context), foot]),
          ],
          { padding: scale.margin, gap: scale.gap },
        ),
      ),
    };
  },
});
