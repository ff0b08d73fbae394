import sharp from 'sharp';
import { RenderError } from './errors.js';
import { useOwnFonts } from './text/fontconfig.js';

let prepared: Promise<void> | undefined;

/**
 * Sets up drawing in this process, once: our fonts alone, and no more memory than one job needs.
 * @throws `render.fonts-not-ours` when text was drawn in this process before, with other fonts
 */
export function prepareDrawing(cacheDir?: string): Promise<void> {
  prepared ??= prepare(cacheDir).catch((error: unknown) => {
    // A full disk may have room for the next job.
    prepared = undefined;
    throw error;
  });
  return prepared;
}

async function prepare(cacheDir: string | undefined): Promise<void> {
  useOwnFonts(cacheDir);
  // A hub has 512 MB for everything: nothing is kept between jobs, and no job takes every core.
  sharp.cache(false);
  sharp.concurrency(1);
  const probe = await sharp({ text: { text: 'Sphinx', font: 'Inter 31', dpi: 72 } })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  if (probe.some((level) => level !== 0 && level !== 255)) {
    throw new RenderError(
      'render.fonts-not-ours',
      'text comes out with grey edges: fontconfig was set up before render',
    );
  }
}
