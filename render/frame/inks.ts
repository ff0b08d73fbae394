import { RenderError } from '../errors.js';

/** Red, green and blue of sRGB, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour that each ink stands for in a file: what a frame's PNG is written in, and read back from. */
const IDEAL: ReadonlyMap<string, Rgb> = new Map<string, Rgb>([
  ['black', [0, 0, 0]],
  ['white', [255, 255, 255]],
  ['dark-grey', [85, 85, 85]],
  ['light-grey', [170, 170, 170]],
  ['red', [255, 0, 0]],
  ['yellow', [255, 255, 0]],
  ['blue', [0, 0, 255]],
  ['green', [0, 255, 0]],
  ['orange', [255, 128, 0]],
]);

/**
 * The ideal colour of each ink, in order.
 * @throws `render.bad-target` for an ink without a colour
 */
export function idealColours(inks: readonly string[]): Rgb[] {
  return inks.map((ink) => {
    const colour = IDEAL.get(ink);
    if (colour === undefined) throw new RenderError('render.bad-target', `no ink is called ${JSON.stringify(ink)}`);
    return colour;
  });
}
