import type { IconName } from '../icons/names.js';
import type { SceneNode } from '../scene/schema.js';
import type { ScreenContext } from './context.js';
import { column, icon, leading, linesHeight, row, rule, text } from './nodes.js';
import { paletteFor } from './palette.js';
import { TYPE_SCALES } from './type-scale.js';

type Header = { title: string; icon?: IconName; aside?: string | undefined };

/** What a header takes of the height of a sheet. */
export function headerHeight(context: ScreenContext): number {
  const scale = TYPE_SCALES[context.size];
  return linesHeight(titlePx(context)) + scale.gap + scale.rule;
}

/** The name of what is shown, over a line; `aside` stands at its end. */
export function header(context: ScreenContext, { title, icon: name, aside }: Header): SceneNode {
  const scale = TYPE_SCALES[context.size];
  const sizePx = titlePx(context);
  const line = row(
    context,
    [
      name === undefined ? undefined : icon(name, Math.round(sizePx * 1.05)),
      text(title, sizePx, { bold: true, grow: 1, align: leading(context, title) }),
      aside === undefined ? undefined : text(aside, scale.caption, { ink: paletteFor(context).muted, tabular: true }),
    ],
    { gap: scale.gap, height: linesHeight(sizePx) },
  );
  return column([line, rule(context)], { gap: scale.gap, height: headerHeight(context) });
}

function titlePx({ size }: ScreenContext): number {
  const scale = TYPE_SCALES[size];
  return size === 'tiny' ? scale.body : Math.round(scale.title * 0.9);
}
