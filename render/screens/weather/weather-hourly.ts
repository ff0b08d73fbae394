import { z } from 'zod';
import type { SceneNode } from '../../scene/schema.js';
import { defineScreen } from '../define-screen.js';
import { header } from '../header.js';
import { column, icon, inReadingOrder, row, sceneOf, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { InstantSchema } from '../settings.js';
import { TYPE_SCALES } from '../type-scale.js';
import { hourStrip } from './hour-strip.js';
import { HourSchema, PlaceSchema } from './weather-data.js';

const MOST_HOURS = 24;
/** Rain below this a day keeps low bars, so that drizzle does not look like a flood. */
const FULL_RAIN_MM = 2;

/** The next day by the hour: sky, the course of the temperature, and rain. */
export const weatherHourly = defineScreen({
  shows: 'The next hours: sky, the course of the temperature, and rain',
  data: z.strictObject({ now: InstantSchema, place: PlaceSchema, hours: z.array(HourSchema).max(400) }),
  build: ({ now, place, hours }, context) => {
    const scale = TYPE_SCALES[context.size];
    const palette = paletteFor(context);
    const { formats } = context;
    const next = hours
      .filter(({ at }) => at > now - 3_600_000)
      .sort((a, b) => a.at - b.at)
      .slice(0, MOST_HOURS);
    const temperatures = next.map(({ temperatureC }) => temperatureC ?? null);
    const rain = next.map(({ precipitationMm }) => precipitationMm ?? null);
    const known = temperatures.filter((value) => value !== null);
    const wet = rain.some((value) => value !== null && value > 0);
    const tiny = context.size === 'tiny';
    const chart: SceneNode | undefined =
      known.length < 2
        ? undefined
        : {
            type: 'chart',
            kind: 'sparkline',
            values: inReadingOrder(context, temperatures),
            grow: 2,
            thickness: scale.rule + 2,
            ink: palette.warm,
          };
    const mostRain = Math.max(FULL_RAIN_MM, ...rain.map((value) => value ?? 0));
    const bars: SceneNode = {
      type: 'chart',
      kind: 'bars',
      values: rain.length === 0 ? [null] : inReadingOrder(context, rain),
      grow: 1,
      min: 0,
      max: mostRain,
      axis: true,
      ink: palette.water,
    };
    const amount = row(
      context,
      [
        icon('umbrella', scale.body, { ink: palette.water }),
        text(formats.precipitation(rain.reduce<number>((sum, value) => sum + (value ?? 0), 0)), scale.caption, {
          bold: true,
        }),
      ],
      { gap: Math.round(scale.gap / 2) },
    );
    const nothing = column([icon('cloud-off', scale.headline, { alignSelf: 'centre' })], {
      grow: 1,
      justify: 'centre',
    });
    return {
      scene: sceneOf(
        context,
        column(
          [
            tiny
              ? undefined
              : header(context, {
                  title: place ?? formats.time(now),
                  aside: place === undefined ? undefined : formats.time(now),
                }),
            next.length === 0 ? nothing : hourStrip(context, next),
            chart,
            wet && !tiny ? amount : undefined,
            wet && !tiny ? bars : undefined,
            tiny && place !== undefined ? row(context, [text(place, scale.caption)], { justify: 'centre' }) : undefined,
          ],
          { padding: scale.margin, gap: scale.gap },
        ),
      ),
    };
  },
});
