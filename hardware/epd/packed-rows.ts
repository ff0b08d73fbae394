import type { Frame } from './frame.js';
import { rowBytes } from './frame.js';
import type { PixelWindow } from './panel-spec.js';

/**
 * The bytes of a window of a frame, rows first, in pieces of at most `maxBytes`.
 * A piece is valid until the next is asked for: pieces that must be gathered or inverted share one buffer.
 */
export function* packedRows(
  frame: Frame,
  window: PixelWindow,
  { maxBytes, invert }: { maxBytes: number; invert: boolean },
): Generator<Uint8Array> {
  const stride = rowBytes(frame.width, frame.bitsPerPixel);
  const first = (window.x * frame.bitsPerPixel) / 8;
  const width = rowBytes(window.width, frame.bitsPerPixel);
  const start = window.y * stride + first;
  const total = width * window.height;
  if (width === stride && !invert) {
    for (let at = 0; at < total; at += maxBytes) {
      yield frame.data.subarray(start + at, start + Math.min(at + maxBytes, total));
    }
    return;
  }
  const mask = invert ? 0xff : 0x00;
  const buffer = new Uint8Array(Math.min(maxBytes, total));
  let filled = 0;
  for (let row = 0; row < window.height; row += 1) {
    const from = start + row * stride;
    for (let column = 0; column < width; column += 1) {
      buffer[filled] = (frame.data[from + column] ?? 0) ^ mask;
      filled += 1;
      if (filled < buffer.length) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
