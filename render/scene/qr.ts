import qrcode from 'qrcode-generator';
import { RenderError } from '../errors.js';
import type { Mask } from '../frame/mask.js';

/** ISO/IEC 18004 section 6.3.8: light modules that must surround the symbol. */
const QUIET_MODULES = 4;
/** Tried in turn: more repair where the modules stay as large. */
const LEVELS = ['Q', 'M', 'L'] as const;

/**
 * A QR code in whole pixels per module, quiet zone included, as large as the square allows.
 * @throws `render.qr-too-long` when not even one pixel per module fits
 */
export function qrMask(text: string, mostPx: number): Mask {
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

function draw(symbol: Symbol, modulePx: number): Mask {
  const count = symbol.getModuleCount();
  const side = (count + 2 * QUIET_MODULES) * modulePx;
  const stride = Math.ceil(side / 8);
  const bits = new Uint8Array(stride * side);
  for (let row = 0; row < count; row += 1) {
    const top = (row + QUIET_MODULES) * modulePx * stride;
    for (let x = 0; x < count * modulePx; x += 1) {
      if (!symbol.isDark(row, Math.floor(x / modulePx))) continue;
      const column = x + QUIET_MODULES * modulePx;
      const at = top + (column >> 3);
      bits[at] = (bits[at] ?? 0) | (0x80 >> (column & 7));
    }
    for (let line = 1; line < modulePx; line += 1) bits.copyWithin(top + line * stride, top, top + stride);
  }
  return { width: side, height: side, bits };
}
