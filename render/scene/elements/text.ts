import assert from 'node:assert';
import { leastLegiblePx } from '../../text/least-legible.js';
import type { TextBlock } from '../../text/text-block.js';
import { type Drawing, type Spot, stampLetters } from '../drawing.js';
import { toPixels } from '../length.js';
import type { Letters } from '../letters.js';
import type { TextNode } from '../schema.js';
import type { Room } from '../sizes.js';
import type { Length } from '../values.js';

/** Letters below this are no letters, and past it larger than any glass. */
const LEAST_LETTER_PX = 4;
const MOST_LETTER_PX = 2_000;

/** What to set for a text, without its place. */
export function lettersOf(
  { lang, unitPx }: Pick<Drawing, 'lang' | 'unitPx'>,
  node: TextNode,
  room: Room,
): Omit<TextBlock, 'width' | 'height'> {
  const { text, bold, face, align, maxLines, lineHeight, tabular, wrap } = node;
  const pixels = (length: Length) => letterPx(length, room, unitPx);
  const { size } = node;
  const [minPx, maxPx] = typeof size === 'object' ? [pixels(size.min), pixels(size.max)] : [0, 0];
  return {
    text,
    size: typeof size === 'object' ? { minPx, maxPx: Math.max(minPx, maxPx) } : pixels(size),
    ...{ bold, face, align, maxLines, lineHeight, tabular, wrap },
    lang: node.lang ?? lang,
  };
}

/** The height of letters in pixels, within what can be drawn. */
export function letterPx(length: Length, room: Room, unitPx: number): number {
  return Math.min(MOST_LETTER_PX, Math.max(LEAST_LETTER_PX, toPixels(length, room.height, unitPx)));
}

/** Sets a text into its box; one that was given the height it asked for is not cut, however its lines were rounded. */
export async function setInto(
  drawing: Pick<Drawing, 'lang' | 'unitPx' | 'setLetters'>,
  node: TextNode,
  { box: { width, height }, room }: Pick<Spot, 'box' | 'room'>,
): Promise<Letters> {
  const block = lettersOf(drawing, node, room);
  if (typeof block.size === 'number' && width > 0 && height > 0) {
    const letters = await drawing.setLetters({ ...block, width });
    if (letters.height <= height) return letters;
  }
  return await drawing.setLetters({ ...block, width, height });
}

/** Draws a text as it was set into its box, and tells what came out worse than it was asked for. */
export function drawText(drawing: Drawing, node: TextNode, { box, behind, element }: Spot): void {
  const { width, height } = box;
  const letters = drawing.letters.get(element);
  assert(letters !== undefined, 'all texts are set before the first is drawn');
  const spare = height - letters.height;
  const down = node.alignY === 'centre' ? Math.floor(spare / 2) : node.alignY === 'end' ? spare : 0;
  stampLetters(drawing, letters, box, box.y + Math.max(0, down), drawing.inks.stroke(node.ink ?? 'text', behind));
  const { path } = element;
  if (letters.cut) drawing.warn('render.text-cut', path, `does not fit ${width} x ${height} pixels and is cut`);
  const { ppi, viewingDistanceMm } = drawing.target;
  if (ppi !== undefined && viewingDistanceMm !== undefined && letters.masks.length > 0) {
    const leastPx = leastLegiblePx({ ppi }, viewingDistanceMm);
    const facts = `letters of ${letters.sizePx} pixels; from ${viewingDistanceMm} mm it takes ${leastPx}`;
    if (letters.sizePx < leastPx) drawing.warn('render.text-too-small', path, facts);
  }
  if (letters.missing) drawing.warn('render.glyph-missing', path, 'no font has one of the characters');
}
