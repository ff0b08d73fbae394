/** sRGB 0 to 255 to linear light 0 to 1, IEC 61966-2-1. */
export function toLinear(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** CIE 1976 lightness, 0 to 100, of a relative luminance 0 to 1. */
export function lightnessOf(luminance: number): number {
  return luminance > 216 / 24389 ? 116 * Math.cbrt(luminance) - 16 : (luminance * 24389) / 27;
}

/** The relative luminance of a CIE 1976 lightness. */
export function luminanceAt(lightness: number): number {
  return lightness > 8 ? ((lightness + 16) / 116) ** 3 : (lightness * 27) / 24389;
}

/** Linear light of each 8-bit value of sRGB. */
export const LINEAR: Float64Array = Float64Array.from({ length: 256 }, (_, value) => toLinear(value));

/** Entries of a tone curve, over light 0 to 1 in even steps; enough that the darkest steps of sRGB stay apart. */
export const TONE_STEPS = 16_384;

/**
 * The light to aim for on a panel whose black has `blackLuminance` of its white. Lightness is squeezed evenly between
 * the two, so that shadows keep their drawing; lightness as Oklab has it, the cube root of the light, which unlike
 * L* has no straight part near black and so gives dark pictures more room. Rounded to 1/65536, so that no
 * processor's last bit of `cbrt` shows.
 */
export function toneCurve(blackLuminance: number): Float64Array {
  const black = Math.cbrt(blackLuminance);
  const squeeze = (light: number) => (black + (1 - black) * Math.cbrt(light)) ** 3;
  return Float64Array.from({ length: TONE_STEPS + 1 }, (_, step) => {
    return Math.round(squeeze(step / TONE_STEPS) * 65_536) / 65_536;
  });
}
