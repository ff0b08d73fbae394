import { z } from 'zod';
import type { IconName } from '../icons/names.js';
import type { SceneNode } from '../scene/schema.js';
import type { ScreenContext } from './context.js';
import { defineScreen } from './define-screen.js';
import { WordsSchema } from './fields.js';
import { header } from './header.js';
import { dayOf } from './local-time.js';
import { column, icon, inReadingOrder, row, sceneOf, spring, text } from './nodes.js';
import { type InkName, paletteFor } from './palette.js';
import { InstantSchema } from './settings.js';
import { TYPE_SCALES } from './type-scale.js';

const MINUTE_MS = 60_000;
const LABELS = 5;

const SeriesSchema = z.array(z.number().min(0).max(1_000_000).nullable()).min(1).max(400);

/** What a home used and made, as bars over the day. */
export const energy = defineScreen({
  shows: 'What a home used and made over the day, and what it draws now',
  data: z.strictObject({
    now: InstantSchema,
    title: WordsSchema.optional(),
    from: InstantSchema.describe('when the first step begins'),
    stepMinutes: z.number().int().min(1).max(1440),
    usedKwh: SeriesSchema.describe('for each step; null where nothing is known'),
    madeKwh: SeriesSchema.optional(),
    powerW: z.number().min(-1_000_000).max(1_000_000).optional().describe('what the home draws now'),
  }),
  build: ({ now, title, from, stepMinutes, usedKwh, madeKwh, powerW }, context) => {
    const scale = TYPE_SCALES[context.size];
    const palette = paletteFor(context);
    const { formats } = context;
    const tiny = context.size === 'tiny';
    const day = formats.date(dayOf(from, context.timeZone), tiny ? 'short' : 'long');
    const used = figure(context, 'plug', formats.energy(total(usedKwh)), palette.water);
    const made =
      madeKwh === undefined ? undefined : figure(context, 'solar', formats.energy(total(madeKwh)), palette.good);
    const draws = powerW === undefined || tiny ? undefined : figure(context, 'gauge', formats.power(powerW), 'text');
    const most = Math.max(0.1, ...usedKwh.map((value) => value ?? 0), ...(madeKwh ?? []).map((value) => value ?? 0));
    const steps = Math.max(usedKwh.length, madeKwh?.length ?? 0);
    const labels = Array.from({ length: LABELS }, (_, index) =>
      formats.hour(from + Math.round((steps * index) / (LABELS - 1)) * stepMinutes * MINUTE_MS),
    );
    const bars = (values: readonly (number | null)[], ink: InkName, last: boolean): SceneNode => ({
      type: 'chart',
      kind: 'bars',
      values: inReadingOrder(context, values),
      min: 0,
      max: most,
      axis: true,
      grow: 1,
      size: scale.caption,
      ink,
      ...(last ? { labels: inReadingOrder(context, labels) } : {}),
    });
    return {
      scene: sceneOf(
        context,
        column(
          [
            tiny
              ? undefined
              : header(context, {
                  title: title ?? day,
                  icon: 'power',
                  aside: title === undefined ? formats.time(now) : day,
                }),
            row(context, [used, spring(), draws]),
            bars(usedKwh, palette.water, madeKwh === undefined),
            made,
            madeKwh === undefined ? undefined : bars(madeKwh, palette.good, true),
          ],
          { padding: scale.margin, gap: scale.gap },
        ),
      ),
    };
  },
});

function figure(context: ScreenContext, name: IconName, words: string, ink: InkName): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const sizePx = context.size === 'tiny' ? scale.body : scale.title;
  return row(context, [icon(name, sizePx, { ink }), text(words, sizePx, { bold: true, tabular: true })], {
    gap: Math.round(scale.gap / 2),
  });
}

function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
