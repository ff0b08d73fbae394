import { RenderError } from '../../errors.js';
import type { Box } from '../../frame/box.js';
import type { PageContent, RenderTarget } from '../../input.js';
import type { Scene } from '../../scene/schema.js';
import { cleanText } from '../../text/clean.js';
import type { Assets } from '../define-screen.js';
import { leastLetterPx, marginOf } from './measure.js';
import { placePictures } from './picture-grid.js';
import { type Placed, placedSheet, within } from './placed.js';
import { besidePictures, splitForPictures, splitForQr } from './split.js';
import { placeWords } from './words.js';

/** ISO/IEC 18004, table 7: what the largest symbol holds at the least repair. */
const MOST_QR_BYTES = 2_953;

/**
 * Lays out a page: pictures to the edge of the sheet, words and QR code within margins.
 * @throws `render.nothing-to-show`, `render.qr-too-long`, `render.picture-...`
 */
export async function buildPage(page: PageContent, target: RenderTarget): Promise<{ scene: Scene; assets: Assets }> {
  const words = { title: cleanText(page.title ?? ''), text: cleanText(page.text ?? ''), align: page.align };
  const hasWords = words.title !== '' || words.text !== '';
  const qr = page.qr === null || page.qr === '' ? undefined : page.qr;
  const wordsAndQr = hasWords || qr !== undefined;
  if (!wordsAndQr && page.pictures.length === 0) {
    throw new RenderError('render.nothing-to-show', 'the page has no title, text, QR code or picture');
  }
  const sheet: Box = { x: 0, y: 0, width: target.width, height: target.height };
  const placed: Placed[] = [];
  let rest = sheet;
  if (page.pictures.length > 0) {
    const letters = words.title.length + words.text.length;
    const { pictures, edge } = splitForPictures(sheet, letters, qr !== undefined);
    const grid = wordsAndQr ? await placePictures(pictures, page, edge) : await placePictures(sheet, page);
    placed.push(...grid.placed);
    rest = besidePictures(sheet, grid.used, edge);
  }
  const margin = marginOf(sheet);
  const places = qr === undefined ? { words: within(rest, margin) } : splitForQr(rest, hasWords, page.align, margin);
  if (qr !== undefined && 'qr' in places) placed.push({ box: places.qr, node: { type: 'qr', text: readableQr(qr) } });
  if (hasWords) placed.push(...(await placeWords(places.words, words, leastLetterPx(target))));
  const assets = Object.fromEntries(page.pictures.map((bytes, index) => [String(index), bytes]));
  return { scene: { version: 1, root: placedSheet(placed) }, assets };
}

function readableQr(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MOST_QR_BYTES) return text;
  throw new RenderError('render.qr-too-long', `${bytes} bytes, a QR code holds ${MOST_QR_BYTES}`);
}
