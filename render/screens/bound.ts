import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { NameSchema } from './fields.js';
import { column, icon, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { TYPE_SCALES } from './type-scale.js';

/** The screen that follows a successful binding. */
export const bound = defineScreen({
  shows: 'The household to which the display belongs from now on',
  data: z.strictObject({ householdName: NameSchema }),
  build: ({ householdName }, context) => {
    const scale = TYPE_SCALES[context.size];
    return {
      scene: sceneOf(
        context,
        column(
          [
            row(context, [icon('check-circle', scale.headline, { ink: paletteFor(context).good })], {
              justify: 'centre',
            }),
            text(
              'This display now belongs to',
              { min: scale.caption, max: scale.body },
              { align: 'centre', maxLines: 2 },
            ),
            text(
              householdName,
              { min: scale.caption, max: Math.round(Math.min(context.height * 0.26, context.width * 0.16)) },
              { bold: true, align: 'centre', maxLines: 4 },
            ),
          ],
          { padding: scale.margin, gap: Math.round(scale.gap * 1.8), justify: 'centre' },
        ),
      ),
    };
  },
});
