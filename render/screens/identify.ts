import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { NameSchema } from './fields.js';
import { column, sceneOf, spring, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { TYPE_SCALES } from './type-scale.js';

/** A display that says which one it is, in a frame that is seen from across the room. */
export const identify = defineScreen({
  shows: 'Which display this is, in a frame that is seen from across the room',
  data: z.strictObject({ displayName: NameSchema, hubName: NameSchema, panel: NameSchema }),
  build: ({ displayName, hubName, panel }, context) => {
    const scale = TYPE_SCALES[context.size];
    const { accent, muted } = paletteFor(context);
    const inner = column(
      [
        spring(),
        text(
          displayName,
          { min: scale.caption, max: Math.round(Math.min(context.height * 0.3, context.width * 0.2)) },
          { bold: true, align: 'centre', maxLines: 4 },
        ),
        text(hubName, { min: scale.caption, max: scale.title }, { align: 'centre', maxLines: 2 }),
        text(panel, { min: scale.caption, max: scale.body }, { align: 'centre', ink: muted }),
        spring(),
      ],
      { padding: scale.margin, gap: Math.round(scale.gap * 2.4) },
    );
    return {
      scene: sceneOf(context, {
        type: 'box',
        border: Math.max(3, Math.round(scale.margin / 3)),
        borderInk: accent,
        child: inner,
      }),
    };
  },
});
