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
    const from = (top + row) * stride + left;
    const to = row * rowBytes;
    for (let column = 0; column < width; column += 1) {
      if (pixels[from + column] === 0) continue;
      const at = to + (column >> 3);
      bits[at] = (bits[at] ?? 0) | (0x80 >> (column & 7));
    }
  }
  return { width, height, bits };
}
