import type { Picture } from '../picture.js';

/**
 * By which exit code the process of a picture says what is wrong with it; its output is then the message. Above the codes
 * that Node itself ends with, below those of a signal.
 */
export const REFUSALS = { 65: 'render.picture-broken', 66: 'render.picture-too-many-pixels' } as const;

const HEAD_BYTES = 8;

/** A picture as the process writes it: width and height in four bytes each, high byte first, then the pixels. */
export function pictureToBytes({ width, height, rgb }: Picture): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  return Buffer.concat([head, rgb]);
}

/** The picture of these bytes; undefined when they are cut short. */
export function pictureFromBytes(bytes: Buffer): Picture | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const width = bytes.readUInt32BE(0);
  const height = bytes.readUInt32BE(4);
  const rgb = bytes.subarray(HEAD_BYTES);
  return rgb.length === width * height * 3 ? { width, height, rgb } : undefined;
}
