import qrcode from 'qrcode-generator';
import { RenderError } from '../errors.js';
import type { Bitmap } from '../text/draw.js';
import type { Box, Canvas } from './canvas.js';

/** ISO/IEC 18004 section 6.3.8: light modules that must surround the symbol. */
const QUIET_MODULES = 4;
/** Tried in turn: more repair where the modules stay as large. */
const LEVELS = ['Q', 'M', 'L'] as const;

/**
 * Draws a QR code as large as the box allows, in its middle.
 * @throws `render.qr-too-long` when not even one pixel per module fits
 */
export function drawQr(canvas: Canvas, box: Box, text: string): void {
  const bitmap = qrBitmap(text, Math.min(box.width, box.height));
  const left = box.x + Math.round((box.width - bitmap.width) / 2);
  canvas.stamp(bitmap, left, box.y + Math.round((box.height - bitmap.height) / 2));
}

/** A QR code in whole pixels per module, quiet zone included, as large as the square allows. */
function qrBitmap(text: string, mostPx: number): Bitmap {
  let best: { symbol: Symbol; modulePx: number } | undefined;
  for (const level of LEVELS) {
    const symbol = symbolFor(text, level);
    if (symbol === undefined) continue;
    const modulePx = Math.floor(mostPx / (symbol.getModuleCount() + 2 * QUIET_MODULES));
    if (modulePx > (best?.modulePx ?? 0)) best = { symbol, modulePx };
  }
  if (best === undefined) {
    const bytes = Buffer.byteLength(text);
    throw new RenderError(
      'render.qr-too-long',
      `${bytes} bytes do not fit in a QR code of ${mostPx} x ${mostPx} pixels`,
    );
  }
  return draw(best.symbol, best.modulePx);
}

type Symbol = ReturnType<typeof qrcode>;

function symbolFor(text: string, level: (typeof LEVELS)[number]): Symbol | undefined {
  const symbol = qrcode(0, level);
  // The library takes one byte from each character: so its characters are the bytes of the UTF-8.
  symbol.addData(Buffer.from(text, 'utf8').toString('latin1'), 'Byte');
  try {
    symbol.make();
    return symbol;
  } catch {
    return undefined;
  }
}

function draw(symbol: Symbol, modulePx: number): Bitmap {
  const count = symbol.getModuleCount();
  const side = (count + 2 * QUIET_MODULES) * modulePx;
  const pixels = new Uint8Array(side * side);
  for (let row = 0; row < count * modulePx; row += 1) {
    for (let column = 0; column < count * modulePx; column += 1) {
      if (!symbol.isDark(Math.floor(row / modulePx), Math.floor(column / modulePx))) continue;
      pixels[(row + QUIET_MODULES * modulePx) * side + column + QUIET_MODULES * modulePx] = 1;
    }
  }
  return { width: side, height: side, pixels };
}
