import { RenderError } from '../errors.js';
import type { Rgb } from '../frame/inks.js';
import { lightnessOf, luminanceAt, toLinear } from './tone.js';

/** What a panel's inks look like under the same light, each in linear RGB with the panel's white at 1. */
export type InkProfile = {
  /** Linear red, green, blue of each ink, in the order of the ink index. */
  readonly linear: readonly (readonly [number, number, number])[];
  /** Relative luminance of each ink, white 1. */
  readonly luminance: readonly number[];
  /** Luminance of black, below which the panel shows nothing. */
  readonly blackLuminance: number;
  /** Whether every ink is a grey, so that light alone decides. */
  readonly isGrey: boolean;
};

/**
 * Luminance of an ordinary black and white panel's black, white being 1. No maker states it; 4.5 % is the contrast of
 * about 22:1 that such glass is commonly given.
 */
const GREY_PANEL_BLACK = 0.045;
/** Steps of lightness from black to white. The greys are taken for evenly spaced in L*. */
const GREYS: ReadonlyMap<string, number> = new Map([
  ['black', 0],
  ['dark-grey', 1 / 3],
  ['light-grey', 2 / 3],
  ['white', 1],
]);

const COLOUR_WHITE = [185, 202, 205] as const;
/**
 * sRGB of coloured inks. Black, white, yellow, red, blue and green: OpenDisplay's palette of a 7.3" Spectra 6 panel,
 * photographed. Orange: epdoptimize's palette of ACeP glass. The greys between are interpolated.
 */
const COLOUR_PANEL: ReadonlyMap<string, Rgb> = new Map<string, Rgb>([
  ['black', [26, 13, 35]],
  ['white', COLOUR_WHITE],
  ['dark-grey', [75, 72, 88]],
  ['light-grey', [128, 134, 145]],
  ['yellow', [202, 184, 0]],
  ['red', [121, 9, 0]],
  ['blue', [0, 69, 139]],
  ['green', [40, 82, 57]],
  ['orange', [184, 94, 28]],
]);

/**
 * The profile of a panel with these inks.
 * @throws `render.bad-target` for an ink that no profile knows
 */
export function profileFor(inks: readonly string[]): InkProfile {
  const isGrey = inks.every((ink) => GREYS.has(ink));
  const linear = inks.map((ink) => (isGrey ? greyInk(ink) : colourInk(ink)));
  const luminance = linear.map(([red, green, blue]) => luminanceOf(red, green, blue));
  return { linear, luminance, blackLuminance: Math.min(...luminance), isGrey };
}

/** Relative luminance of linear sRGB primaries, IEC 61966-2-1. */
export function luminanceOf(red: number, green: number, blue: number): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function greyInk(ink: string): readonly [number, number, number] {
  const blackL = lightnessOf(GREY_PANEL_BLACK);
  const share = GREYS.get(ink) ?? 0;
  const value = luminanceAt(blackL + (100 - blackL) * share);
  return [value, value, value];
}

/** Seen by an eye that takes the panel's white for white. */
function colourInk(ink: string): readonly [number, number, number] {
  const rgb = COLOUR_PANEL.get(ink);
  if (rgb === undefined) {
    throw new RenderError('render.bad-target', `no ink is called ${JSON.stringify(ink)}`);
  }
  const of = (channel: 0 | 1 | 2) => toLinear(rgb[channel]) / toLinear(COLOUR_WHITE[channel]);
  return [of(0), of(1), of(2)];
}
