import { RenderError } from '../errors.js';
import type { Align, PageContent, RenderTarget } from '../input.js';
import { cleanText } from '../text/clean.js';
import { type Box, Canvas } from './canvas.js';
import { drawPictures } from './pictures.js';
import { qrBitmap } from './qr.js';
import { splitForPictures, splitForQr } from './split.js';
import { drawWords } from './words.js';

const MARGIN_OF_SIDE = 0.065;

/**
 * Lays out a page: pictures to the edge of the sheet, words and QR code within margins.
 * @throws `render.nothing-to-show`, `render.qr-too-long`, `render.picture-...`
 */
export async function drawPage(page: PageContent, target: RenderTarget): Promise<Uint8Array> {
  const canvas = new Canvas(target);
  const words = { title: cleanText(page.title ?? ''), text: cleanText(page.text ?? ''), align: page.align };
  const hasWords = words.title !== '' || words.text !== '';
  const qr = page.qr === null || page.qr === '' ? undefined : page.qr;
  const wordsAndQr = hasWords || qr !== undefined;
  if (!wordsAndQr && page.pictures.length === 0) {
    throw new RenderError('render.nothing-to-show', 'the page has no title, text, QR code or picture');
  }
  let rest = canvas.box;
  if (page.pictures.length > 0) {
    const letters = words.title.length + words.text.length;
    const places = wordsAndQr ? splitForPictures(rest, letters, qr !== undefined) : { pictures: rest, rest };
    await drawPictures(canvas, places.pictures, page.pictures, page.fit, target.inks);
    rest = places.rest;
  }
  if (!wordsAndQr) return canvas.indexes;
  const inner = within(rest, marginOf(canvas.box));
  const places = qr === undefined ? undefined : splitForQr(inner, hasWords, page.align);
  if (qr !== undefined && places !== undefined) drawQr(canvas, places.qr, qr);
  if (hasWords) await drawWords(canvas, places?.words ?? inner, words, leastLetterPx(target));
  return canvas.indexes;
}

/** White around words, in pixels. */
export function marginOf({ width, height }: Box): number {
  return Math.round(Math.min(width, height) * MARGIN_OF_SIDE);
}

/** The box without a margin on each side. */
export function within({ x, y, width, height }: Box, margin: number): Box {
  return { x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin };
}

/** Letters below this cannot be read from an arm's length: 14 pixels on a panel of 124 pixels an inch. */
export function leastLetterPx({ width, height }: Pick<RenderTarget, 'width' | 'height'>): number {
  return Math.min(20, Math.max(10, Math.round(Math.min(width, height) / 34)));
}

/** Draws a QR code as large as the box allows, in its middle. */
export function drawQr(canvas: Canvas, box: Box, text: string, align: Align = 'centre'): void {
  const bitmap = qrBitmap(text, Math.min(box.width, box.height));
  const spare = box.width - bitmap.width;
  const left = { start: 0, centre: Math.round(spare / 2), end: spare }[align];
  canvas.stamp(bitmap, box.x + left, box.y + Math.round((box.height - bitmap.height) / 2));
}
