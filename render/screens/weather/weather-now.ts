import { z } from 'zod';
import type { IconName } from '../../icons/names.js';
import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { header, headerHeight } from '../header.js';
import { column, display, faintRule, icon, leading, linesHeight, row, sceneOf, text } from '../nodes.js';
import { InstantSchema } from '../settings.js';
import { TYPE_SCALES } from '../type-scale.js';
import { hourStrip, hourStripHeight } from './hour-strip.js';
import { skyIcon } from './sky-icon.js';
import { CurrentSchema, DayForecastSchema, HourSchema, PlaceSchema } from './weather-data.js';

const MOST_HOURS = 12;
/** What a bold digit takes of its size in width. */
const DIGIT_WIDTH = 0.66;

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
    const gapPx = Math.round(scale.gap * 1.2);
    const small = context.size === 'tiny' || context.size === 'small';
    const next = hours.filter(({ at }) => at > now).slice(0, MOST_HOURS);
    const facts = factsOf(context, current);
    const titled = place !== undefined && context.size !== 'tiny';
    const leastPx = context.height - 2 * scale.margin - (titled ? headerHeight(context) + gapPx : 0);
    const stripPx = hourStripHeight(context) + 2 * gapPx + 2;
    const factsPx = facts.length === 0 ? 0 : linesHeight(scale.body) + gapPx;
    // The hours go first where room is short, then what else is known.
    const withStrip = !small && next.length >= 3 && leastPx - stripPx - factsPx > scale.headline * 1.6;
    const heroRoomPx = leastPx - factsPx - (withStrip ? stripPx : 0);
    const asidePx = linesHeight(scale.body, current.words === undefined || small ? 1 : 2) + scale.gap;
    const degrees = formats.temperature(current.temperatureC);
    const upright = context.portrait && heroRoomPx > context.width * 0.75;
    const iconPx = Math.round(
      upright ? Math.min(heroRoomPx * 0.42, context.width * 0.5) : Math.min(heroRoomPx * 0.95, context.width * 0.34),
    );
    const degreesPx = upright
      ? Math.min((heroRoomPx - iconPx - asidePx - 4 * scale.gap) / 0.78, context.width * 0.36)
      : Math.min(
          (heroRoomPx - asidePx) / 0.78,
          (context.width - 3 * scale.margin - iconPx) / (DIGIT_WIDTH * degrees.length),
          iconPx,
        );
    const alignOf = (words: string) => (upright ? 'centre' : leading(context, words));
    const range = row(
      context,
      [
        today?.highC === undefined ? undefined : fact(context, 'arrow-up', formats.temperature(today.highC)),
        today?.lowC === undefined ? undefined : fact(context, 'arrow-down', formats.temperature(today.lowC)),
      ],
      { gap: scale.gap * 2, justify: upright ? 'centre' : 'start' },
    );
    const hero = (upright ? uprightHero : levelHero)(
      context,
      skyIcon(context, current.condition, current.night, iconPx),
      column(
        [
          display(degrees, degreesPx, { tabular: false, align: alignOf(degrees) }),
          current.words === undefined || small
            ? undefined
            : text(
                current.words,
                { min: scale.caption, max: scale.body },
                { maxLines: context.portrait ? 3 : 1, align: alignOf(current.words) },
              ),
          today === undefined ? undefined : range,
        ],
        { gap: scale.gap, justify: 'centre' },
      ),
    );
    const most = small ? 2 : context.width < 22 * scale.body ? 3 : 4;
    return {
      scene: sceneOf(
        context,
        column(
          [
            titled ? header(context, { title: place, aside: formats.time(now) }) : undefined,
            hero,
            facts.length === 0 ? undefined : row(context, facts.slice(0, most), { justify: 'between' }),
            withStrip ? faintRule(context) : undefined,
            withStrip ? hourStrip(context, next) : undefined,
          ],
          { padding: scale.margin, gap: gapPx },
        ),
      ),
    };
  },
});

function levelHero(context: ScreenContext, sky: SceneNode, degrees: SceneNode): SceneNode {
  return row(context, [sky, degrees], { gap: TYPE_SCALES[context.size].margin, grow: 1, justify: 'centre' });
}

function uprightHero(context: ScreenContext, sky: SceneNode, degrees: SceneNode): SceneNode {
  const { gap } = TYPE_SCALES[context.size];
  return column([{ ...sky, alignSelf: 'centre' }, degrees], { gap: gap * 2, grow: 1, justify: 'centre' });
}

function factsOf(context: ScreenContext, current: z.output<typeof CurrentSchema>): SceneNode[] {
  const { feelsLikeC, windMps, humidity, precipitationMm } = current;
  const { formats } = context;
  return [
    feelsLikeC === undefined ? undefined : fact(context, 'thermometer', formats.temperature(feelsLikeC)),
    windMps === undefined ? undefined : fact(context, 'wind', formats.wind(windMps)),
    humidity === undefined ? undefined : fact(context, 'humidity', formats.percent(humidity)),
    precipitationMm === undefined ? undefined : fact(context, 'umbrella', formats.precipitation(precipitationMm)),
  ].filter((node) => node !== undefined);
}

function fact(context: ScreenContext, name: IconName, words: string): SceneNode {
  const { body } = TYPE_SCALES[context.size];
  return row(context, [icon(name, Math.round(body * 1.1)), text(words, body)], { gap: Math.round(body / 4) });
}
