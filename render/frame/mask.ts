/**
 * One bit per pixel, rows first, the leftmost in the most significant bit, a row padded to a byte; set where ink goes.
 */
export type Mask = { width: number; height: number; bits: Uint8Array };
