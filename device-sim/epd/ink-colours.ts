type Rgb = readonly [red: number, green: number, blue: number];

/**
 * How inks are drawn: `ideal`, as files have them; `as-seen`, as they were measured or guessed; `nominal`, as Pimoroni's
 * Inky library blends for Spectra 6.
 */
export type InkLook = 'ideal' | 'as-seen' | 'nominal';

const IDEAL: Readonly<Record<string, Rgb>> = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  red: [255, 0, 0],
  yellow: [255, 255, 0],
  blue: [0, 0, 255],
  green: [0, 255, 0],
  orange: [255, 128, 0],
};
/** Nobody has published a measurement; others who show such glass use about 5 for black and 200 to 220 for white. */
const TWO_INKS: Readonly<Record<string, Rgb>> = { black: [5, 5, 5], white: [215, 215, 215] };
/** OpenDisplay's placeholder, not measured either. */
const THREE_INKS: Readonly<Record<string, Rgb>> = { black: [5, 5, 5], white: [200, 200, 200], red: [120, 15, 5] };
/** Pimoroni's saturated table of the AC073. */
const ACEP: Readonly<Record<string, Rgb>> = {
  black: [57, 48, 57],
  white: [255, 255, 255],
  green: [58, 91, 70],
  blue: [61, 59, 94],
  red: [156, 72, 75],
  yellow: [208, 190, 71],
  orange: [177, 106, 73],
};
/** OpenDisplay, measured in February 2026 from raw photographs at 6500 K, paper white scaled to 255. */
const SPECTRA: Readonly<Record<string, Rgb>> = {
  black: [26, 14, 35],
  white: [180, 197, 202],
  yellow: [201, 185, 0],
  red: [119, 12, 2],
  blue: [0, 67, 137],
  green: [40, 81, 58],
};
/** Pimoroni Inky, which carries most of it over from ACeP. */
const SPECTRA_NOMINAL: Readonly<Record<string, Rgb>> = {
  ...ACEP,
  black: [0, 0, 0],
  white: [161, 164, 165],
};

/** The colour of each ink of a glass, in their order. */
export function inkColours(inks: readonly string[], look: InkLook): readonly Rgb[] {
  const table = tableOf(inks, look);
  return inks.map((ink) => table[ink] ?? [255, 0, 255]);
}

function tableOf(inks: readonly string[], look: InkLook): Readonly<Record<string, Rgb>> {
  if (look === 'ideal') return IDEAL;
  if (inks.includes('orange')) return ACEP;
  if (inks.includes('green')) return look === 'as-seen' ? SPECTRA : SPECTRA_NOMINAL;
  return inks.includes('red') ? THREE_INKS : TWO_INKS;
}
