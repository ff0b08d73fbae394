import { z } from 'zod';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import { dayOf } from './local-time.js';
import { column, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/** What the digits of a time take of their height in width, the colon included. */
const DIGIT_WIDTH = 0.66;

/** The time as large as the sheet, and the day below. */
export const clock = defineScreen({
  shows: 'The time across the whole sheet, and the day',
  data: z.strictObject({ now: InstantSchema, place: WordsSchema.optional() }),
  build: ({ now, place }, context) => {
    const scale = TYPE_SCALES[context.size];
    const { digits, period, periodFirst } = context.formats.timeParts(now);
    const inner = context.width - 2 * scale.margin;
    const sizePx = Math.round(Math.min(inner / (digits.length * DIGIT_WIDTH), context.height * 0.62));
    const half =
      period === undefined
        ? undefined
        : text(period, Math.round(Math.min(scale.headline, sizePx * 0.3)), { bold: true, alignSelf: 'end' });
    const time = text(digits, sizePx, { bold: true, tabular: true, lineHeight: 1 });
    const day = text(
      context.formats.date(dayOf(now, context.timeZone), 'long'),
      { min: scale.caption, max: Math.round(Math.min(scale.title * 1.35, sizePx * 0.35)) },
      { align: 'centre', maxLines: 2 },
    );
    // A half of the day has no room beside digits as wide as the sheet: it stands above the date.
    const besides = half !== undefined && sizePx * digits.length * DIGIT_WIDTH < inner * 0.8;
    return {
      scene: sceneOf(
        context,
        column(
          [
            place === undefined
              ? undefined
              : text(place, scale.body, { align: 'centre', ink: paletteFor(context).muted }),
            row(context, besides && periodFirst ? [half, time] : [time, besides ? half : undefined], {
              justify: 'centre',
              gap: scale.gap,
            }),
            half === undefined || besides
              ? undefined
              : text(period ?? '', scale.title, { align: 'centre', bold: true }),
            day,
          ],
          { padding: scale.margin, gap: scale.gap, justify: 'centre' },
        ),
      ),
    };
  },
});
