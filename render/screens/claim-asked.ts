import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { NameSchema } from './fields.js';
import { column, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { TYPE_SCALES } from './type-scale.js';

/** The screen between a code that somebody has typed and the hub that is theirs: who it is, and the word to compare. */
export const claimAsked = defineScreen({
  shows: 'Who wants the hub, and the word to compare before it is theirs',
  data: z.strictObject({ householdName: NameSchema, word: NameSchema }),
  build: ({ householdName, word }, context) => {
    const scale = TYPE_SCALES[context.size];
    const { accent, muted } = paletteFor(context);
    const mostPx = Math.round(Math.min(context.height * 0.22, context.width * 0.14));
    const small = { min: scale.caption - 1, max: scale.body };
    return {
      scene: sceneOf(
        context,
        column(
          [
            text(
              householdName,
              { min: scale.caption, max: Math.min(mostPx, scale.headline) },
              { bold: true, align: 'centre', maxLines: 2 },
            ),
            text('wants this hub. Is this the word on your phone?', small, { align: 'centre', maxLines: 2 }),
            {
              type: 'box',
              border: Math.max(2, Math.round(scale.margin / 6)),
              borderInk: accent,
              padding: Math.round(scale.gap * 1.5),
              child: text(word, { min: scale.caption, max: mostPx }, { bold: true, align: 'centre', maxLines: 1 }),
            },
            text('If not, say no on the phone, or do nothing', small, { align: 'centre', maxLines: 2, ink: muted }),
          ],
          { padding: scale.margin, gap: Math.round(scale.gap * 2), justify: 'centre' },
        ),
      ),
    };
  },
});
