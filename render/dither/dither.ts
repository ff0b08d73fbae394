import { idealColours } from '../frame/inks.js';
import { bitsFor, packIndexes } from '../frame/pack.js';
import type { PackedRows } from '../frame/packed-rows.js';
import { exactIndexes } from '../frame/png.js';
import type { Picture } from '../picture/picture.js';
import { refine } from './best/refine.js';
import { keepKernel, openKernel } from './kernel/open-kernel.js';
import { DitherPass } from './pass.js';
import { inksOf, profileFor } from './profile.js';
import { tablesFor } from './tables/tables-for.js';
import { toneOf } from './tone-of.js';

/**
 * `stable`: a pixel depends on its own colour and place alone, for regions that change often. `normal`: error
 * diffusion. `best`: searches for the pattern of greys that the eye sees least of, which takes a second; coloured inks
 * are diffused.
 */
export type DitherMode = 'stable' | 'normal' | 'best';

export type DitherOptions = {
  inks: readonly string[];
  /** Which measurement of the inks to trust; left out, the usual one for these inks. */
  profile?: string;
  mode?: DitherMode;
  /** Where the picture's top left lies on the sheet, in pixels, so that `stable` keeps to one pattern over all of it. */
  origin?: { x: number; y: number };
  signal?: AbortSignal;
};

/**
 * The picture in the inks of the panel, packed; a picture that is made of exactly the inks already stays as it is.
 * @throws `render.unknown-profile`, `render.bad-target`, or the reason of the signal
 */
export async function dither(picture: Picture, options: DitherOptions): Promise<PackedRows> {
  const { inks, signal, mode = 'normal', origin = { x: 0, y: 0 } } = options;
  const { width, height, rgb } = picture;
  signal?.throwIfAborted();
  const profile = profileFor(inks, options.profile);
  const bitsPerPixel = bitsFor(inks.length);
  const exact = exactIndexes(rgb, idealColours(inks));
  if (exact !== undefined)
    return { width, height, bitsPerPixel, data: packIndexes(exact, width, height, bitsPerPixel) };
  const tables = await tablesFor(profile, mode === 'stable' ? profile.tone : toneOf(profile, picture));
  signal?.throwIfAborted();
  const kernel = openKernel();
  const inkOrder = inksOf(profile).map((ink) => inks.indexOf(ink));
  const pass = new DitherPass({
    kernel,
    tables,
    kind: profile.kind,
    inkOrder,
    width,
    height,
    bitsPerPixel,
    mode: mode === 'stable' ? 'stable' : 'normal',
    origin,
  });
  const rows = { width, height, bitsPerPixel, data: pass.push(rgb) };
  keepKernel(kernel);
  return mode === 'best' && profile.kind === 'grey' ? await refine(picture, rows, { tables, inkOrder }, signal) : rows;
}
