import type { Box } from '../../frame/box.js';
import type { Align } from '../../input.js';
import { within } from './placed.js';

/** Words shorter than this are a caption, and leave the pictures the larger share. */
const CAPTION_LETTERS = 70;
const PICTURES_SHARE = { caption: 0.62, text: 0.5 } as const;
const QR_SHARE = 0.45;

/** The edge that pictures keep to when words share the sheet. */
export type Edge = 'left' | 'top';

/** Where pictures go beside words: at the left of a landscape sheet, on top of any other. */
export function splitForPictures(box: Box, letters: number, hasQr: boolean): { pictures: Box; edge: Edge } {
  const share = letters <= CAPTION_LETTERS && !hasQr ? PICTURES_SHARE.caption : PICTURES_SHARE.text;
  return isLandscape(box)
    ? { pictures: { ...box, width: Math.round(box.width * share) }, edge: 'left' }
    : { pictures: { ...box, height: Math.round(box.height * share) }, edge: 'top' };
}

/** What the pictures at an edge leave of the box. */
export function besidePictures(box: Box, used: Box, edge: Edge): Box {
  return edge === 'left'
    ? { ...box, x: box.x + used.width, width: box.width - used.width }
    : { ...box, y: box.y + used.height, height: box.height - used.height };
}

/**
 * Where a QR code goes: alone in the whole box, else away from where the words begin, or below them. Its quiet zone
 * serves as the margin, so its place reaches to the edge of the box, while the words keep `margin` to theirs.
 */
export function splitForQr(box: Box, hasWords: boolean, align: Align, margin: number): { qr: Box; words: Box } {
  const inner = within(box, margin);
  if (!hasWords) return { qr: box, words: inner };
  if (!isLandscape(box)) {
    const side = Math.round(Math.min(box.width, box.height * QR_SHARE));
    const words = { ...inner, height: box.height - side - margin };
    return { qr: { ...box, y: box.y + box.height - side, height: side }, words };
  }
  const side = Math.round(Math.min(box.height, box.width * QR_SHARE));
  const words = { ...inner, width: box.width - side - margin };
  if (align === 'end') return { qr: { ...box, width: side }, words: { ...words, x: box.x + side } };
  return { qr: { ...box, x: box.x + box.width - side, width: side }, words };
}

/** A square is taken for landscape from 10 % more width than height: words need width more than height. */
function isLandscape({ width, height }: Box): boolean {
  return width >= height * 1.1;
}
