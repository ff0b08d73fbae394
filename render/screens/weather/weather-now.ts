import { z } from 'zod';
import type { IconName } from '../../icons/names.js';
import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { header } from '../header.js';
import { column, faintRule, icon, row, sceneOf, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { InstantSchema } from '../settings.js';
import { TYPE_SCALES } from '../type-scale.js';
import { hourStrip } from './hour-strip.js';
import {
  CurrentSchema,
  conditionIcon,
  conditionInk,
  DayForecastSchema,
  HourSchema,
  PlaceSchema,
} from './weather-data.js';

/** The weather at this moment: sky and temperature large, then what else is known, then the next hours. */
export const weatherNow = defineScreen({
  shows: 'The weather at this moment, and the next hours where there is room',
  data: z.strictObject({
    now: InstantSchema,
    place: PlaceSchema,
    current: CurrentSchema,
    today: DayForecastSchema.omit({ day: true, condition: true }).optional(),
    hours: z.array(HourSchema).max(100).default([]),
  }),
  build: ({ now, place, current, today, hours }, context) => {
    const scale = TYPE_SCALES[context.size];
    const { formats } = context;
    const palette = paletteFor(context);
    const tiny = context.size === 'tiny' || context.size === 'small';
    const upright = context.portrait;
    const next = hours.filter(({ at }) => at > now);
    const withStrip = !tiny && next.length >= 3;
    const heroPx = Math.round(Math.min(context.height * (tiny ? 0.5 : 0.36), context.width * (upright ? 0.42 : 0.3)));
    const degrees = formats.temperature(current.temperatureC);
    const range = row(
      context,
      [
        today?.highC === undefined
          ? undefined
          : fact(context, 'arrow-up', formats.temperature(today.highC), scale.body),
        today?.lowC === undefined
          ? undefined
          : fact(context, 'arrow-down', formats.temperature(today.lowC), scale.body),
      ],
      { gap: scale.gap * 2 },
    );
    const hero = row(
      context,
      [
        icon(conditionIcon(current.condition, current.night), heroPx, {
          ink: conditionInk(current.condition, current.night, palette),
        }),
        column(
          [
            text(degrees, Math.round(heroPx * (tiny ? 0.8 : 0.72)), { bold: true, lineHeight: 1 }),
            current.words === undefined || tiny
              ? undefined
              : text(current.words, { min: scale.caption, max: scale.body }, { maxLines: 2 }),
            today === undefined ? undefined : range,
          ],
          { gap: Math.round(scale.gap / 2), justify: 'centre' },
        ),
      ],
      { gap: Math.round(scale.margin), grow: 1, justify: 'centre' },
    );
    const facts = [
      current.feelsLikeC === undefined
        ? undefined
        : fact(context, 'thermometer', formats.temperature(current.feelsLikeC), scale.body),
      current.windMps === undefined ? undefined : fact(context, 'wind', formats.wind(current.windMps), scale.body),
      current.humidity === undefined
        ? undefined
        : fact(context, 'humidity', formats.percent(current.humidity), scale.body),
      current.precipitationMm === undefined
        ? undefined
        : fact(context, 'umbrella', formats.precipitation(current.precipitationMm), scale.body),
    ].filter((node) => node !== undefined);
    const most = tiny ? 2 : upright && context.width < 20 * scale.body ? 3 : 4;
    return {
      scene: sceneOf(
        context,
        column(
          [
            place === undefined || context.size === 'tiny'
              ? undefined
              : header(context, { title: place, aside: formats.time(now) }),
            hero,
            facts.length === 0 ? undefined : row(context, facts.slice(0, most), { justify: 'between' }),
            withStrip ? faintRule(context) : undefined,
            withStrip ? hourStrip(context, next) : undefined,
          ],
          { padding: scale.margin, gap: Math.round(scale.gap * 1.2) },
        ),
      ),
    };
  },
});

function fact(context: ScreenContext, name: IconName, words: string, sizePx: number): SceneNode {
  return row(context, [icon(name, Math.round(sizePx * 1.1)), text(words, sizePx)], { gap: Math.round(sizePx / 4) });
}
