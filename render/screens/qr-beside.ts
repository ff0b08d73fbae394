import type { SceneNode } from '../scene/schema.js';
import type { ScreenContext } from './context.js';
import { column, row } from './nodes.js';
import { TYPE_SCALES } from './type-scale.js';

const MOST_OF_LONG_SIDE = 0.5;

/** A QR code as large as telephones like it, and words beside it, or below on an upright sheet. */
export function qrBeside(context: ScreenContext, code: string, words: SceneNode): SceneNode {
  const { margin } = TYPE_SCALES[context.size];
  const { width, height } = context;
  const level = width >= height * 1.1;
  const sidePx = Math.round(
    level ? Math.min(height, width * MOST_OF_LONG_SIDE) : Math.min(width, height * MOST_OF_LONG_SIDE),
  );
  const qr: SceneNode = { type: 'qr', text: code, width: sidePx, height: sidePx };
  // The quiet zone of the code serves as the margin on its sides.
  return level
    ? row(context, [
        column([words], { grow: 1, padding: { top: margin, bottom: margin, left: margin, right: margin } }),
        qr,
      ])
    : column([column([words], { grow: 1, padding: margin, justify: 'centre' }), column([qr], { align: 'centre' })]);
}
