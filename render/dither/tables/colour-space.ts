/** Three numbers along the axes of some colour space. */
export type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Björn Ottosson, "A perceptual color space for image processing", 2020: linear sRGB to cone responses, their roots to Oklab. */
const TO_CONES: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const TO_OKLAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const FROM_OKLAB = inverse(TO_OKLAB);
const FROM_CONES = inverse(TO_CONES);

/** Linear sRGB to XYZ over that of white, IEC 61966-2-1. */
const TO_XYZ: Matrix = [
  [0.43395, 0.37622, 0.18983],
  [0.212673, 0.715152, 0.072175],
  [0.017756, 0.109471, 0.872773],
];

export function toOklab(linear: Triple): Triple {
  const cones = times(TO_CONES, linear);
  return times(TO_OKLAB, [Math.cbrt(cones[0]), Math.cbrt(cones[1]), Math.cbrt(cones[2])]);
}

export function fromOklab(lab: Triple): Triple {
  const roots = times(FROM_OKLAB, lab);
  return times(FROM_CONES, [roots[0] ** 3, roots[1] ** 3, roots[2] ** 3]);
}

/** CIE 1976 L*a*b*. */
export function toLab(linear: Triple): Triple {
  return labOf(toXyz(linear));
}

/** XYZ over that of white: one for all three in white. */
export function toXyz(linear: Triple): Triple {
  return times(TO_XYZ, linear);
}

export function labOf([x, y, z]: Triple): Triple {
  const [fx, fy, fz] = [root(x), root(y), root(z)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

function root(share: number): number {
  const light = Math.max(0, share);
  return light > 216 / 24389 ? Math.cbrt(light) : (light * 841) / 108 + 4 / 29;
}

export function times([a, b, c]: Matrix, v: Triple): Triple {
  return [dot(a, v), dot(b, v), dot(c, v)];
}

export function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** The inverse of a matrix whose columns do not lie in one plane. */
export function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const of = (value: number) => value / determinant;
  return [
    [of(e * i - f * h), of(c * h - b * i), of(b * f - c * e)],
    [of(f * g - d * i), of(a * i - c * g), of(c * d - a * f)],
    [of(d * h - e * g), of(b * g - a * h), of(a * e - b * d)],
  ];
}
