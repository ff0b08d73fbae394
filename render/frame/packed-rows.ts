/**
 * Ink indexes of a part of a sheet as a frame packs them: rows first, the leftmost pixel in the most significant bits,
 * each row padded with zero bits to a whole byte.
 */
export type PackedRows = {
  width: number;
  height: number;
  bitsPerPixel: 1 | 2 | 4;
  /** `ceil(width * bitsPerPixel / 8) * height` bytes. */
  data: Uint8Array;
};
