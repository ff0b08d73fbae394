import type { Rgb } from '../frame/inks.js';

/** What the inks of one kind of glass look like, by whom it was measured. */
export type Profile = {
  /** The name under which a display asks for it. */
  readonly id: string;
  /** `lightness` squeezes all of it evenly onto the glass and keeps shadows open; `light` keeps contrast and lets them close. */
  readonly tone: Tone;
  readonly source: string;
} & (
  | { readonly kind: 'grey' /** Light of each ink, white 1. */; readonly light: Readonly<Record<string, number>> }
  | { readonly kind: 'colour' /** sRGB of each ink under one lamp. */; readonly colours: Readonly<Record<string, Rgb>> }
);

export type Tone = 'lightness' | 'light';

/** No maker states it; 4.5 % is the contrast of about 22:1 that ordinary glass is commonly given. */
const ORDINARY_BLACK = 0.045;

/** Of those with the same inks, the first is taken when a display names none. */
export const PROFILES: readonly Profile[] = [
  {
    id: 'ordinary-mono',
    kind: 'grey',
    tone: 'lightness',
    light: { black: ORDINARY_BLACK, white: 1 },
    source: 'assumed: contrast 22:1',
  },
  {
    id: 'high-contrast-mono',
    kind: 'grey',
    tone: 'lightness',
    light: { black: 0.025, white: 1 },
    source: 'assumed: contrast 40:1, of Carta glass without a touch layer',
  },
  {
    id: 'ordinary-greys',
    kind: 'grey',
    tone: 'lightness',
    light: greysEvenInLightness(ORDINARY_BLACK),
    source: 'assumed: contrast 22:1, greys evenly spaced in L*',
  },
  {
    id: 'linear-greys',
    kind: 'grey',
    tone: 'lightness',
    light: { black: ORDINARY_BLACK, 'dark-grey': 0.1438, 'light-grey': 0.4233, white: 1 },
    source: 'assumed: contrast 22:1, greys at the sRGB values 85 and 170 above black',
  },
  {
    id: 'spectra6-aitjcize',
    kind: 'colour',
    tone: 'lightness',
    colours: {
      black: [2, 2, 2],
      white: [190, 200, 200],
      yellow: [205, 202, 0],
      red: [135, 19, 0],
      blue: [5, 64, 158],
      green: [39, 102, 60],
    },
    source: 'aitjcize, palette of the 7.3" Spectra 6 photo frame',
  },
  {
    id: 'spectra6-opendisplay',
    kind: 'colour',
    tone: 'light',
    colours: {
      black: [26, 13, 35],
      white: [185, 202, 205],
      yellow: [202, 184, 0],
      red: [121, 9, 0],
      blue: [0, 69, 139],
      green: [40, 82, 57],
    },
    source: 'OpenDisplay epaper-dithering, SPECTRA_7_3_6COLOR: 7.3" glass, photographed',
  },
  {
    id: 'spectra6-spectro',
    kind: 'colour',
    tone: 'light',
    colours: {
      black: [33, 43, 69],
      white: [138, 154, 164],
      yellow: [157, 144, 3],
      red: [113, 35, 29],
      blue: [0, 72, 135],
      green: [60, 107, 88],
    },
    source: 'epd-dither: 13.3" glass, spectrophotometer, D65, absolute',
  },
  {
    id: 'acep-epdoptimize',
    kind: 'colour',
    tone: 'light',
    colours: {
      black: [25, 30, 33],
      white: [241, 241, 241],
      green: [83, 164, 40],
      blue: [49, 49, 143],
      red: [210, 14, 19],
      yellow: [243, 207, 17],
      orange: [184, 94, 28],
    },
    source: 'epdoptimize, palette of 7-colour ACeP glass',
  },
  {
    id: 'red-opendisplay',
    kind: 'colour',
    tone: 'lightness',
    colours: { black: [5, 5, 5], white: [200, 200, 200], red: [120, 15, 5] },
    source: 'OpenDisplay epaper-dithering, black, white and red labels',
  },
  {
    id: 'yellow-opendisplay',
    kind: 'colour',
    tone: 'lightness',
    colours: { black: [5, 5, 5], white: [200, 200, 200], yellow: [200, 180, 0] },
    source: 'OpenDisplay epaper-dithering, black, white and yellow labels',
  },
  {
    id: 'red-yellow-opendisplay',
    kind: 'colour',
    tone: 'lightness',
    colours: { black: [5, 5, 5], white: [200, 200, 200], yellow: [200, 180, 0], red: [120, 15, 5] },
    source: 'OpenDisplay epaper-dithering, four-colour 4.2" glass',
  },
];

/** For inks in a combination that no profile has: an ink's colour on whichever glass it was measured. */
export const ANY_GLASS: Readonly<Record<string, Rgb>> = {
  black: [26, 13, 35],
  white: [185, 202, 205],
  'dark-grey': [75, 72, 88],
  'light-grey': [128, 134, 145],
  yellow: [202, 184, 0],
  red: [121, 9, 0],
  blue: [0, 69, 139],
  green: [40, 82, 57],
  orange: [184, 94, 28],
};

function greysEvenInLightness(black: number): Record<string, number> {
  const least = 116 * Math.cbrt(black) - 16;
  const light = (share: number) => ((least + (100 - least) * share + 16) / 116) ** 3;
  return { black, 'dark-grey': light(1 / 3), 'light-grey': light(2 / 3), white: 1 };
}
