import sharp from 'sharp';
import type { Align } from '../input.js';
import { escapeMarkup } from './clean.js';
import { familiesFor } from './faces.js';

/** One byte per pixel, rows first: 0 where paper stays, anything else where ink goes. */
export type Bitmap = { width: number; height: number; pixels: Uint8Array };

export type TextStyle = {
  sizePx: number;
  bold: boolean;
  align: Align;
  /** Lines are broken at this width; undefined: only where the text breaks them. */
  wrapPx: number | undefined;
  /** Distance of base lines as a multiple of the size. */
  lineHeight: number;
};

/** Inter's own line, (ascender - descender) / em, from its `hhea` table: 1984 + 494 of 2048. */
const NATURAL_LINE_HEIGHT = 1.21;
const PANGO_ALIGN = { start: 'left', centre: 'centre', end: 'right' } as const;
const NO_INK: Bitmap = { width: 0, height: 0, pixels: new Uint8Array() };
/** Cairo draws nothing past 32,767 pixels on a side. */
const TOO_LARGE: Bitmap = { width: 32_768, height: 32_768, pixels: new Uint8Array() };

/**
 * Draws cleaned text in two levels, cut to the box of its ink; text without a single glyph has no size, and text that is
 * larger than the library can draw has a size past every panel's, and no pixels.
 */
export async function drawText(text: string, style: TextStyle): Promise<Bitmap> {
  const { sizePx, bold, align, wrapPx, lineHeight } = style;
  try {
    const { data, info } = await sharp({
      text: {
        text: escapeMarkup(text),
        font: `${familiesFor('interface', text, undefined)} ${bold ? 'Bold ' : ''}${sizePx}`,
        dpi: 72,
        align: PANGO_ALIGN[align],
        spacing: Math.round(sizePx * (lineHeight - NATURAL_LINE_HEIGHT)),
        ...(wrapPx === undefined ? { wrap: 'none' } : { width: Math.max(1, Math.floor(wrapPx)), wrap: 'word-char' }),
      },
    })
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: data };
  } catch (error) {
    if (error instanceof Error && error.message.includes('no text to render')) return NO_INK;
    if (error instanceof Error && error.message.includes('too big')) return TOO_LARGE;
    throw error;
  }
}
