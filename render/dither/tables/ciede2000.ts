import type { Triple } from './colour-space.js';

const DEGREE = Math.PI / 180;
const TWENTY_FIVE_7 = 25 ** 7;

/** Difference of two L*a*b* colours, ISO/CIE 11664-6. */
export function ciede2000(one: Triple, other: Triple): number {
  const meanChroma7 = ((Math.hypot(one[1], one[2]) + Math.hypot(other[1], other[2])) / 2) ** 7;
  const stretch = 1.5 - 0.5 * Math.sqrt(meanChroma7 / (meanChroma7 + TWENTY_FIVE_7));
  const [a1, a2] = [one[1] * stretch, other[1] * stretch];
  const [chroma1, chroma2] = [Math.hypot(a1, one[2]), Math.hypot(a2, other[2])];
  const isGrey = chroma1 * chroma2 === 0;
  const [hue1, hue2] = [Math.atan2(one[2], a1), Math.atan2(other[2], a2)];
  const turn = isGrey ? 0 : wrapped(hue2 - hue1);
  const hue = isGrey ? hue1 + hue2 : hue1 + turn / 2;
  const lightness = (one[0] + other[0]) / 2 - 50;
  const chroma = (chroma1 + chroma2) / 2;
  const uneven =
    1 -
    0.17 * Math.cos(hue - 30 * DEGREE) +
    0.24 * Math.cos(2 * hue) +
    0.32 * Math.cos(3 * hue + 6 * DEGREE) -
    0.2 * Math.cos(4 * hue - 63 * DEGREE);
  const light = (other[0] - one[0]) / (1 + (0.015 * lightness ** 2) / Math.sqrt(20 + lightness ** 2));
  const colourful = (chroma2 - chroma1) / (1 + 0.045 * chroma);
  const hued = (2 * Math.sqrt(chroma1 * chroma2) * Math.sin(turn / 2)) / (1 + 0.015 * chroma * uneven);
  const degrees = (hue / DEGREE + 360) % 360;
  const blueness = 30 * Math.exp(-(((degrees - 275) / 25) ** 2));
  const chroma7 = chroma ** 7;
  const rotation = -2 * Math.sqrt(chroma7 / (chroma7 + TWENTY_FIVE_7)) * Math.sin(2 * blueness * DEGREE);
  return Math.sqrt(Math.max(0, light ** 2 + colourful ** 2 + hued ** 2 + rotation * colourful * hued));
}

function wrapped(angle: number): number {
  if (angle > Math.PI) return angle - 2 * Math.PI;
  return angle < -Math.PI ? angle + 2 * Math.PI : angle;
}
