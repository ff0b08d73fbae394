const MM_PER_INCH = 25.4;
/**
 * ISO 9241-303:2011, legibility of displays: a capital letter of Latin text takes at least 16 minutes of arc of the
 * reader's view; 20 to 22 are read with ease.
 */
const LEAST_CAPITAL_ARC_MIN = 16;
/** Inter 4.0, table OS/2: capitals are 1490 of 2048 high. */
const CAPITAL_OF_SIZE = 1490 / 2048;

/** The least size of letters, in whole pixels, that can be read on a panel of `ppi` pixels an inch from a distance. */
export function leastLegiblePx({ ppi }: { ppi: number }, viewingDistanceMm: number): number {
  const angle = (LEAST_CAPITAL_ARC_MIN / 60) * (Math.PI / 180);
  const capitalMm = 2 * viewingDistanceMm * Math.tan(angle / 2);
  return Math.ceil(((capitalMm / CAPITAL_OF_SIZE) * ppi) / MM_PER_INCH);
}
