/**
 * One bit per pixel, rows first, the leftmost in the most significant bit, a row padded to a byte; set where ink goes.
 */
export type Mask = { width: number; height: number; bits: Uint8Array };

/** The part of one-byte pixels, rows of `stride`, from `left`, `top` to before `right`, `bottom`: 0 is not set, 255 is. */
export function maskOf(
  pixels: Uint8Array,
  stride: number,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
): Mask {
  const width = Math.max(0, right - left);
  const height = width === 0 ? 0 : Math.max(0, bottom - top);
  const rowBytes = (width + 7) >> 3;
  const wholeBytes = width >> 3;
  const bits = new Uint8Array(rowBytes * height);
  for (let row = 0; row < height; row += 1) {
    const to = row * rowBytes;
    let from = (top + row) * stride + left;
    for (let at = 0; at < wholeBytes; at += 1) {
      bits[to + at] =
        ((pixels[from] ?? 0) & 0x80) |
        ((pixels[from + 1] ?? 0) & 0x40) |
        ((pixels[from + 2] ?? 0) & 0x20) |
        ((pixels[from + 3] ?? 0) & 0x10) |
        ((pixels[from + 4] ?? 0) & 0x08) |
        ((pixels[from + 5] ?? 0) & 0x04) |
        ((pixels[from + 6] ?? 0) & 0x02) |
        ((pixels[from + 7] ?? 0) & 0x01);
      from += 8;
    }
    let last = 0;
    for (let rest = width & 7, bit = 0x80; rest > 0; rest -= 1, bit >>= 1) last |= (pixels[from++] ?? 0) & bit;
    if (wholeBytes < rowBytes) bits[to + wholeBytes] = last;
  }
  return { width, height, bits };
}
