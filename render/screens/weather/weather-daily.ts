import { z } from 'zod';
import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { defineScreen } from '../define-screen.js';
import { header, headerHeight } from '../header.js';
import { dayOf } from '../local-time.js';
import { column, faintRule, icon, linesHeight, row, sceneOf, space, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { InstantSchema } from '../settings.js';
import { TYPE_SCALES } from '../type-scale.js';
import { skyIcon } from './sky-icon.js';
import { type DayForecast, DayForecastSchema, PlaceSchema } from './weather-data.js';

const MOST_DAYS = 10;

type Span = { lowest: number; highest: number };

/** The days to come: sky, chance of rain, and low and high on a scale that all days share. */
export const weatherDaily = defineScreen({
  shows: 'The days to come: sky, chance of rain, lowest and highest temperature on one scale',
  data: z.strictObject({ now: InstantSchema, place: PlaceSchema, days: z.array(DayForecastSchema).max(30) }),
  build: ({ now, place, days }, context) => {
    const scale = TYPE_SCALES[context.size];
    const today = dayOf(now, context.timeZone);
    const next = days
      .filter(({ day }) => day >= today)
      .sort((a, b) => (a.day < b.day ? -1 : 1))
      .slice(0, MOST_DAYS);
    const flat = (context.size === 'tiny' || context.size === 'small') && !context.portrait;
    const rowPx = linesHeight(scale.body) + scale.gap;
    const roomPx = context.height - 2 * scale.margin - headerHeight(context) - scale.gap;
    const shown = next.slice(0, Math.max(1, Math.floor(roomPx / rowPx)));
    const temperatures = shown.flatMap(({ lowC, highC }) => [lowC, highC]).filter((value) => value !== undefined);
    const span = { lowest: Math.min(...temperatures), highest: Math.max(...temperatures) };
    const heightPx = Math.min(Math.floor(roomPx / Math.max(1, shown.length)), rowPx * 2);
    const rows = shown.map((day) => dayRow(context, day, today, span, heightPx - 1));
    const lines = rows.flatMap((line, index) => (index === 0 ? [line] : [faintRule(context), line]));
    const nothing = column([icon('cloud-off', scale.headline, { alignSelf: 'centre' })], {
      grow: 1,
      justify: 'centre',
    });
    const body = flat ? dayColumns(context, next, today) : column(lines, { grow: 1 });
    return {
      scene: sceneOf(
        context,
        column(
          [
            context.size === 'tiny'
              ? undefined
              : header(context, {
                  title: place ?? context.formats.date(today, 'month'),
                  aside: context.formats.time(now),
                }),
            next.length === 0 ? nothing : body,
          ],
          { padding: scale.margin, gap: scale.gap },
        ),
      ),
    };
  },
});

function dayRow(context: ScreenContext, forecast: DayForecast, today: string, span: Span, heightPx: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const palette = paletteFor(context);
  const { day, condition, highC, lowC, precipitationChance } = forecast;
  const roomy = context.width > 16 * scale.body;
  const wide = context.width > 23 * scale.body;
  const degreesPx = Math.round(scale.body * 2.2);
  return row(
    context,
    [
      text(context.formats.date(day, roomy ? 'weekday' : 'weekday-short'), scale.body, {
        bold: day === today,
        width: Math.round(scale.body * (roomy ? 6.2 : 2.6)),
        ink: day === today ? palette.accent : 'text',
      }),
      skyIcon(context, condition, false, Math.min(Math.round(scale.body * 1.6), heightPx)),
      wide ? chance(context, precipitationChance, Math.round(scale.body * 3.2)) : undefined,
      text(degrees(context, lowC), scale.body, { align: 'end', width: degreesPx, ink: palette.muted }),
      rangeBar(context, lowC, highC, span),
      text(degrees(context, highC), scale.body, { align: 'start', width: degreesPx, bold: true }),
    ],
    { gap: scale.gap, height: heightPx },
  );
}

function rangeBar(
  context: ScreenContext,
  lowC: number | undefined,
  highC: number | undefined,
  { lowest, highest }: Span,
): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const thickness = Math.max(4, Math.round(scale.gap * 0.8));
  if (lowC === undefined || highC === undefined || highest <= lowest) return column([], { grow: 1 });
  const parts = [lowC - lowest, Math.max(highC - lowC, (highest - lowest) / 20), highest - highC];
  const [before = 0, within = 0, after = 0] = parts.map((part) => Math.max(0, part));
  const { warm } = paletteFor(context);
  return row(
    context,
    [
      before === 0 ? undefined : column([], { grow: before }),
      { type: 'box', ink: warm, radius: Math.floor(thickness / 2), height: thickness, grow: within },
      after === 0 ? undefined : column([], { grow: after }),
    ],
    { grow: 1 },
  );
}

function dayColumns(context: ScreenContext, days: readonly DayForecast[], today: string): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const palette = paletteFor(context);
  const innerPx = context.width - 2 * scale.margin;
  const shown = days.slice(0, Math.max(1, Math.floor(innerPx / (scale.body * 4))));
  const cells = shown.map(({ day, condition, highC, lowC }) =>
    column(
      [
        text(context.formats.date(day, 'weekday-short'), scale.body, {
          align: 'centre',
          bold: day === today,
          ink: day === today ? palette.accent : 'text',
        }),
        { ...skyIcon(context, condition, false, Math.round(context.height * 0.28)), alignSelf: 'centre' },
        text(degrees(context, highC), scale.title, { align: 'centre', bold: true }),
        text(degrees(context, lowC), scale.body, { align: 'centre', ink: palette.muted }),
      ],
      { justify: 'centre', width: Math.floor(innerPx / shown.length) },
    ),
  );
  return row(context, cells, { grow: 1 });
}

function chance(context: ScreenContext, share: number | undefined, widthPx: number): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const { water } = paletteFor(context);
  if (share === undefined) return space(widthPx);
  return row(
    context,
    [
      icon('drop', scale.caption, { ink: water }),
      text(context.formats.percent(share), scale.caption, { ink: water, tabular: true }),
    ],
    { gap: 2, width: widthPx },
  );
}

function degrees({ formats }: ScreenContext, celsius: number | undefined): string {
  return celsius === undefined ? '\u2013' : formats.temperature(celsius);
}
