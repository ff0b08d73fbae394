import { RenderError } from '../errors.js';
import type { PageContent, RenderTarget } from '../input.js';
import { cleanText } from '../text/clean.js';
import { Canvas, within } from './canvas.js';
import { leastLetterPx, marginOf } from './measure.js';
import { drawPictures } from './pictures.js';
import { drawQr } from './qr.js';
import { besidePictures, splitForPictures, splitForQr } from './split.js';
import { drawWords } from './words.js';

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
  if (!wordsAndQr) {
    await drawPictures(canvas, canvas.box, page, target);
    return canvas.indexes;
  }
  let rest = canvas.box;
  if (page.pictures.length > 0) {
    const letters = words.title.length + words.text.length;
    const { pictures, edge } = splitForPictures(rest, letters, qr !== undefined);
    rest = besidePictures(rest, await drawPictures(canvas, pictures, page, target, edge), edge);
  }
  const margin = marginOf(canvas.box);
  if (qr === undefined) {
    await drawWords(canvas, within(rest, margin), words, leastLetterPx(target));
    return canvas.indexes;
  }
  const places = splitForQr(rest, hasWords, page.align, margin);
  drawQr(canvas, places.qr, qr);
  if (hasWords) await drawWords(canvas, places.words, words, leastLetterPx(target));
  return canvas.indexes;
}
