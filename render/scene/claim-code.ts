import type { RenderTarget } from '../input.js';
import { Canvas } from './canvas.js';
import { leastLetterPx, marginOf } from './measure.js';
import { drawQr } from './qr.js';
import { splitForQr } from './split.js';
import { fitStack, stampStack } from './stack.js';

const UNBROKEN_HYPHEN = '\u2011';
const INSTRUCTION = 'Scan this, or enter the letters';

/**
 * The screen with which a person binds the hub: the code, the word to compare, and a QR code that opens the page.
 * @throws `render.qr-too-long`
 */
export async function drawClaimCode(
  screen: { code: string; url: string; word: string },
  target: RenderTarget,
): Promise<Uint8Array> {
  const canvas = new Canvas(target);
  const places = splitForQr(canvas.box, true, 'start', marginOf(canvas.box));
  drawQr(canvas, places.qr, screen.url);
  const { width, height } = places.words;
  const small = Math.min(width / 15, height / 6);
  const blocks = await fitStack(
    [
      { text: INSTRUCTION, bold: false, maxPx: small, mostHeight: height * 0.3, gapAfter: small * 1.1 },
      {
        text: screen.code.replaceAll('-', UNBROKEN_HYPHEN),
        bold: true,
        maxPx: height * 0.4,
        mostHeight: height * 0.4,
        gapAfter: small * 1.1,
      },
      { text: `Your word: ${screen.word}`, bold: false, maxPx: small * 1.4, mostHeight: height * 0.25, gapAfter: 0 },
    ],
    width,
    'start',
    leastLetterPx(target),
  );
  stampStack(canvas, places.words, blocks, 'start');
  return canvas.indexes;
}
