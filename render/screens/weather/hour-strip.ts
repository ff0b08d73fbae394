import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { column, linesHeight, row, text } from '../nodes.js';
import { paletteFor } from '../palette.js';
import { TYPE_SCALES } from '../type-scale.js';
import { skyIcon } from './sky-icon.js';
import type { Hour } from './weather-data.js';

const STEPS_HOURS = [1, 2, 3, 4, 6, 8, 12];

/** So many hours as stand side by side, evenly taken of those given: hour, sky and temperature. */
export function hourStrip(context: ScreenContext, hours: readonly Hour[]): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const palette = paletteFor(context);
  const cellPx = Math.round(scale.body * 2.4);
  const innerPx = context.width - 2 * scale.margin;
  const shown = everyNth(hours, Math.max(2, Math.floor(innerPx / cellPx)));
  const cells = shown.map(({ at, condition, night, temperatureC }) =>
    column(
      [
        text(context.formats.hour(at), scale.caption, { align: 'centre', ink: palette.muted }),
        { ...skyIcon(context, condition, night, Math.round(scale.body * 1.5)), alignSelf: 'centre' },
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

/** What the strip takes of the height. */
export function hourStripHeight({ size }: ScreenContext): number {
  const scale = TYPE_SCALES[size];
  return linesHeight(scale.caption) + linesHeight(scale.body) + Math.round(scale.body * 1.5) + scale.gap;
}

/** Steps of as many hours as it takes for all to fit; each cell tells of the middle of its step. */
function everyNth(hours: readonly Hour[], most: number): Hour[] {
  const step =
    STEPS_HOURS.find((candidate) => Math.ceil(hours.length / candidate) <= most) ?? Math.ceil(hours.length / most);
  const cells = Math.ceil(hours.length / step);
  return Array.from({ length: cells }, (_, cell) => hours[cell * step + Math.floor((step - 1) / 2)]).filter(
    (hour) => hour !== undefined,
  );
}
