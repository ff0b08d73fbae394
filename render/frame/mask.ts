/**
 * One bit per pixel, rows first, the leftmost in the most significant bit, a row padded to a byte; set where ink goes.
 */
export type Mask = { width: number; height: number; bits: Uint8Array };

/** The part of one-byte pixels, rows of `stride`, from `left`, `top` to before `right`, `bottom`; all but 0 is set. */
export function maskOf(
  pixels: Uint8Array,
  stride: number,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
): Mask {
  const width = Math.max(0, right - left);
  const height = width === 0 ? 0 : Math.max(0, bottom - top);
  const rowBytes = (width + 7) >> 3;
  const bits = new Uint8Array(rowBytes * height);
  for (let row = 0; row < height; row += 1) {
    let from = (top + row) * stride + left;
    const end = from + width;
    for (let at = row * rowBytes; from < end; at += 1) {
      let byte = 0;
      const stop = Math.min(from + 8, end);
      for (let bit = 0x80; from < stop; from += 1, bit >>= 1) if (pixels[from] !== 0) byte |= bit;
      bits[at] = byte;
    }
  }
  return { width, height, bits };
}
