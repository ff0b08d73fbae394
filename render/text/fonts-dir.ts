import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RenderError } from '../errors.js';
import { FONTS } from './fonts.js';

/** Where `npm run build` lays the fonts; run from source, text is drawn with those of the last build. */
export const FONTS_DIR = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/render/fonts/' : '../fonts/', import.meta.url),
);

/** @throws `render.fonts-missing` naming the files that are not there */
export function checkFonts(dir: string = FONTS_DIR): void {
  const files = FONTS.flatMap((font) => font.files.map(({ file }) => file));
  const missing = files.filter((file) => !existsSync(path.join(dir, file)));
  if (missing.length === 0) return;
  const names = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`;
  throw new RenderError('render.fonts-missing', `no ${names} in ${dir}: npm run build lays the fonts there`);
}
