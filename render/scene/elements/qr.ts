import { RenderError } from '../../errors.js';
import type { Drawing, Spot } from '../drawing.js';
import { qrMask } from '../qr.js';
import type { QrNode } from '../schema.js';

/**
 * Draws a QR code as large as its box allows, black on white with its quiet zone.
 * @throws `render.qr-too-long` with the path when not even one pixel per module fits
 */
export function drawQr({ sheet, inks }: Drawing, node: QrNode, { box, element }: Spot): void {
  const mask = maskFor(node, Math.min(box.width, box.height), element.path);
  const x = box.x + Math.floor((box.width - mask.width) / 2);
  const y = box.y + Math.floor((box.height - mask.height) / 2);
  sheet.fill({ x, y, width: mask.width, height: mask.height }, inks.white);
  sheet.stamp(mask, x, y, inks.black);
}

function maskFor({ text }: QrNode, mostPx: number, path: string) {
  try {
    return qrMask(text, mostPx);
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    throw new RenderError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
