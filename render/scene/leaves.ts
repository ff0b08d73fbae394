import type { Drawing } from './drawing.js';
import { iconPx } from './elements/icon.js';
import { lineThickness } from './elements/line.js';
import { progressHeight } from './elements/progress.js';
import { lettersOf } from './elements/text.js';
import { toPixels } from './length.js';
import type { LineNode, TextNode } from './schema.js';
import type { Leaves, Room, Wish } from './sizes.js';

/** The longest words decide how narrow a text may become; these many are measured. */
const WORDS_MEASURED = 3;
/** Wider than any sheet, so that nothing breaks. */
const ANY_WIDTH = 8_000;

/** Measures texts, icons, lines and bars. */
export function leavesOf(drawing: Pick<Drawing, 'lang' | 'unitPx' | 'setLetters'>): Leaves {
  const { unitPx } = drawing;
  return {
    width: async ({ node, isInRow }, room, wish) => {
      if (node.type === 'text') return await textWidth(drawing, node, room, wish);
      if (node.type === 'icon') return iconPx(node, room, unitPx);
      return node.type === 'line' && isInRow ? thicknessOf(node, room.width, unitPx) : 0;
    },
    height: async ({ node, isInRow }, width, room, wish) => {
      if (node.type === 'text') return await textHeight(drawing, node, width, room, wish);
      if (node.type === 'icon') return iconPx(node, room, unitPx);
      if (node.type === 'progress') return progressHeight(unitPx);
      return node.type === 'line' && !isInRow ? thicknessOf(node, room.height, unitPx) : 0;
    },
  };
}

type Setting = Pick<Drawing, 'lang' | 'unitPx' | 'setLetters'>;

async function textWidth(drawing: Setting, node: TextNode, room: Room, wish: Wish): Promise<number> {
  const asked = lettersOf(drawing, node, room);
  if (wish === 'natural') return Math.ceil((await drawing.setLetters({ ...asked, ...room })).width);
  const size = typeof asked.size === 'number' ? asked.size : asked.size.minPx;
  const words = [...new Set(node.text.split(/\s+/))].sort((one, other) => other.length - one.length);
  let widest = 0;
  for (const text of words.slice(0, WORDS_MEASURED)) {
    const { width } = await drawing.setLetters({ ...asked, text: text.slice(0, 100), size, width: ANY_WIDTH });
    widest = Math.max(widest, Math.ceil(width));
  }
  return Math.min(widest, room.width);
}

/** As high as the text comes out; of one that may shrink, as high as it comes out in the room that there is. */
async function textHeight(drawing: Setting, node: TextNode, width: number, room: Room, wish: Wish): Promise<number> {
  const asked = lettersOf(drawing, node, room);
  if (typeof asked.size === 'number') return Math.ceil((await drawing.setLetters({ ...asked, width })).height);
  const place = wish === 'natural' ? { width, height: room.height } : { width, size: asked.size.minPx };
  return Math.ceil((await drawing.setLetters({ ...asked, ...place })).height);
}

function thicknessOf({ thickness }: LineNode, roomPx: number, unitPx: number): number {
  return thickness === undefined ? lineThickness(unitPx) : toPixels(thickness, roomPx, unitPx);
}
