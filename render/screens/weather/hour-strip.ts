import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { column, icon, row, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import { conditionIcon, conditionInk, type Hour } from './weather-data.js';

/** So many hours as stand side by side, evenly taken of those given: hour, sky and temperature. */
export function hourStrip(context: ScreenContext, hours: readonly Hour[]): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const palette = paletteFor(context);
  const cellPx = Math.round(scale.body * 3);
  const innerPx = context.width - 2 * scale.margin;
  const shown = everyNth(hours, Math.max(2, Math.floor(innerPx / cellPx)));
  const cells = shown.map(({ at, condition, night, temperatureC }) =>
    column(
      [
        text(context.formats.hour(at), scale.caption, { align: 'centre', ink: palette.muted }),
        icon(conditionIcon(condition, night), Math.round(scale.body * 1.5), {
          alignSelf: 'centre',
          ink: conditionInk(condition, night, palette),
        }),
        text(temperatureC === undefined ? '\u2013' : context.formats.temperature(temperatureC), scale.body, {
          align: 'centre',
          bold: true,
        }),
      ],
      { gap: Math.round(scale.gap / 2), width: Math.floor(innerPx / shown.length) },
    ),
  );
  return row(context, cells, { align: 'start' });
}

/** Steps of 1, 2, 3, 4 or 6 hours, as clocks are read, the first that lets the most of the forecast be seen. */
function everyNth(hours: readonly Hour[], most: number): Hour[] {
  const step = [1, 2, 3, 4, 6].find((candidate) => hours.length / candidate <= most * 1.5) ?? 6;
  return hours.filter((_, index) => index % step === 0).slice(0, most);
}
