/**
 * What can go wrong between content and frame.
 *
 * - `render.nothing-to-show`: the page has no title, text, QR code or picture, or only characters without a glyph.
 * - `render.bad-target`: the target's size or inks are outside what render can draw.
 * - `render.unknown-profile`: no measurement of the inks has this name; the message lists those that there are.
 * - `render.qr-too-long`: the text does not fit in a QR code on so few pixels.
 * - `render.picture-unknown-format`: the bytes are no PNG, JPEG, GIF, WebP, AVIF, TIFF or SVG.
 * - `render.picture-too-many-bytes`, `render.picture-too-many-pixels`: the picture is past the limit named in the message.
 * - `render.picture-broken`: the picture starts well but cannot be read to its end, or an SVG, AVIF or TIFF takes too much
 *   to read.
 * - `render.inks-not-exact`: a PNG that should be a frame has another size or a colour that is not one of the inks.
 * - `render.bad-scene`: a scene does not keep to its schema; the message begins with the path of what is wrong.
 * - `render.unknown-screen`: there is no screen of that name; the message names those that there are.
 * - `render.bad-screen-data`: the data of a screen does not keep to its schema; the message begins with the path of what is wrong.
 * - `render.fonts-missing`: a font file is not where the build lays it; no text is drawn without it.
 * - `render.fonts-not-ours`: another part of the process drew text before, with the fonts of the system.
 * - `render.timeout`: the job took longer than its limit, and its worker was ended.
 * - `render.out-of-memory`: the job needed more memory than the worker may take.
 * - `render.worker-died`: the worker ended in the middle of a job.
 * - `render.stopped`: the renderer was stopped before the job was done.
 * - `render.failed`: the drawing library failed in a way that has no word of its own.
 */
export const RENDER_ERROR_CODES = [
  'render.nothing-to-show',
  'render.bad-target',
  'render.unknown-profile',
  'render.qr-too-long',
  'render.picture-unknown-format',
  'render.picture-too-many-bytes',
  'render.picture-too-many-pixels',
  'render.picture-broken',
  'render.inks-not-exact',
  'render.bad-scene',
  'render.unknown-screen',
  'render.bad-screen-data',
  'render.fonts-missing',
  'render.fonts-not-ours',
  'render.timeout',
  'render.out-of-memory',
  'render.worker-died',
  'render.stopped',
  'render.failed',
] as const;

export type RenderErrorCode = (typeof RENDER_ERROR_CODES)[number];

/** Whatever goes wrong in render; `code` is stable, the message gives the facts. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
  readonly code: RenderErrorCode;

  constructor(code: RenderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
