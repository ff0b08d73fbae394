import { z } from 'zod';
import type { SceneNode } from '../scene/schema.js';
import type { ScreenContext } from './context.js';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import type { TimeParts } from './formats.js';
import { dayOf } from './local-time.js';
import { column, display, row, sceneOf, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

/** What a bold digit takes of its size in width, and a letter of digits of its size in height. */
const DIGIT_WIDTH = 0.67;
const COLON_WIDTH = 0.35;
const DIGIT_HEIGHT = 0.75;
/** From so upright a sheet on, hours stand above minutes. */
const UPRIGHT = 1.3;

/** The time as large as the sheet, and the day below. */
export const clock = defineScreen({
  shows: 'The time across the whole sheet, and the day',
  data: z.strictObject({ now: InstantSchema, place: WordsSchema.optional() }),
  build: ({ now, place }, context) => {
    const scale = TYPE_SCALES[context.size];
    const parts = context.formats.timeParts(now);
    const day = text(
      context.formats.date(dayOf(now, context.timeZone), 'long'),
      { min: scale.caption, max: Math.round(scale.title * 1.3) },
      { align: 'centre', maxLines: 2 },
    );
    const where =
      place === undefined ? undefined : text(place, scale.body, { align: 'centre', ink: paletteFor(context).muted });
    const upright = context.height > context.width * UPRIGHT;
    const time = upright ? stacked(context, parts) : across(context, parts);
    return {
      scene: sceneOf(
        context,
        column([where, column([time], { grow: 1, justify: 'centre' }), day], { padding: scale.margin, gap: scale.gap }),
      ),
    };
  },
});

function across(context: ScreenContext, { digits, period, periodFirst }: TimeParts): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const roomPx = context.width - 2 * scale.margin;
  const periodPx = period === undefined ? 0 : Math.round(Math.min(scale.headline, context.width * 0.08));
  const ems = (digits.length - 1) * DIGIT_WIDTH + COLON_WIDTH;
  const besidePx = period === undefined ? 0 : Math.round(periodPx * 0.75 * period.length) + scale.gap;
  const sizePx = Math.min((roomPx - besidePx) / ems, (context.height * 0.62) / DIGIT_HEIGHT);
  const time = display(digits, sizePx);
  const half = period === undefined ? undefined : display(period, periodPx, { alignSelf: 'end' });
  return row(context, periodFirst ? [half, time] : [time, half], { justify: 'centre', gap: scale.gap });
}

function stacked(context: ScreenContext, { digits, period }: TimeParts): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const [hours = '', minutes = ''] = digits.split(/\P{Nd}+/u);
  const sizePx = Math.min(
    (context.width - 2 * scale.margin) / (2 * DIGIT_WIDTH),
    (context.height * 0.36) / DIGIT_HEIGHT,
  );
  return column(
    [
      display(hours, sizePx, { align: 'centre' }),
      display(minutes, sizePx, { align: 'centre', bold: false }),
      period === undefined ? undefined : text(period, scale.title, { align: 'centre', bold: true }),
    ],
    { gap: Math.round(sizePx * 0.16) },
  );
}
