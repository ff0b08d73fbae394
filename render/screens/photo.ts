import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { PictureSchema, WordsSchema } from './fields.js';
import { column, row, sceneOf, spring, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { pictureOf } from './pictures.js';
import { DaySchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/** A picture to the edges of the sheet, with its caption on a strip below. */
export const photo = defineScreen({
  shows: 'A picture to the edges of the sheet, with a caption if there is one',
  data: z.strictObject({
    picture: PictureSchema,
    caption: WordsSchema.optional(),
    day: DaySchema.optional(),
    fit: z.enum(['fit', 'fill']).default('fill').describe('fill crops it to the sheet, fit shows it whole'),
  }),
  build: ({ picture, caption, day, fit }, context, given) => {
    const scale = TYPE_SCALES[context.size];
    const { name, assets } = pictureOf('picture', picture, given);
    const strip = row(
      context,
      [
        caption === undefined ? undefined : text(caption, scale.body, { bold: true, grow: 1 }),
        caption === undefined ? spring() : undefined,
        day === undefined
          ? undefined
          : text(context.formats.date(day, 'short'), scale.caption, { ink: paletteFor(context).muted }),
      ],
      { padding: { left: scale.margin, right: scale.margin, top: scale.gap, bottom: scale.gap }, gap: scale.gap },
    );
    const captioned = caption !== undefined || day !== undefined;
    const sheet = column([{ type: 'image', asset: name, fit, grow: 1 }, captioned ? strip : undefined]);
    return { scene: sceneOf(context, sheet), assets };
  },
});
