import type { IconName } from '../../icons/names.js';
import type { SceneNode } from '../../scene/schema.js';
import type { ScreenContext } from '../context.js';
import { icon } from '../nodes.js';
import { paletteFor } from '../palette.js';
import type { Condition } from './weather-data.js';

/** The face of the sun within its icon, of the icon's side. */
const SUN_FACE = 0.44;
const WET: readonly Condition[] = ['showers', 'rain', 'heavy-rain', 'sleet', 'hail'];

/** What the sky does: rain in blue and the sun in yellow where the glass has them. */
export function skyIcon(
  context: ScreenContext,
  condition: Condition | undefined,
  night: boolean,
  sizePx: number,
): SceneNode {
  const palette = paletteFor(context);
  const name = iconName(condition, night);
  if (condition !== undefined && WET.includes(condition)) return icon(name, sizePx, { ink: palette.water });
  if (name !== 'clear-day' || palette.sun === 'text') return icon(name, sizePx);
  // Yellow lines are lost on white paper: there the sun keeps its outline and its face is yellow.
  if (context.theme === 'dark') return icon(name, sizePx, { ink: palette.sun });
  const face = icon('circle-filled', Math.round(sizePx * SUN_FACE), { ink: palette.sun });
  return { type: 'stack', align: 'centre', width: sizePx, height: sizePx, children: [face, icon(name, sizePx)] };
}

function iconName(condition: Condition | undefined, night: boolean): IconName {
  if (condition === undefined) return 'question';
  if (condition === 'clear') return night ? 'clear-night' : 'clear-day';
  if (condition === 'partly-cloudy') return night ? 'partly-cloudy-night' : 'partly-cloudy-day';
  return condition;
}
