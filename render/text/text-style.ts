import type { TextBlock } from './text-block.js';
import type { RunStyle } from './text-run.js';

export function styleOf({ bold, face, tabular, lang }: TextBlock, sizePx: number): RunStyle {
  return {
    sizePx: Math.max(1, Math.round(sizePx)),
    bold: bold ?? false,
    face: face ?? 'interface',
    ...(tabular === undefined ? {} : { tabular }),
    ...(lang === undefined ? {} : { lang }),
  };
}

/** Small text needs air between its lines, large text falls apart with as much. */
export function lineHeightFor(sizePx: number): number {
  const small = 20;
  const large = 80;
  const share = Math.min(1, Math.max(0, (sizePx - small) / (large - small)));
  return 1.32 - 0.2 * share;
}
