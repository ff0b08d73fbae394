import { fromOklab, labOf, type Triple, toOklab, toXyz } from '../../../render/dither/tables/colour-space.js';

/** An eye that looks at a panel of 145 pixels per inch from arm's length: 67 pixels to a degree. */
const PIXELS_PER_DEGREE = 67;

/** Linear sRGB, three numbers a pixel, rows first. */
export type Light = { width: number; height: number; rgb: Float64Array };

type Lobe = { weight: number; sigmaPx: number };

/**
 * What the eye lets through of lightness, red-green and yellow-blue: Gaussians, from the contrast sensitivity that FLIP
 * uses (P. Andersson and others, 2020). A lobe of width b degrees squared spreads by sqrt(b / 2) / pi degrees.
 */
const LOBES: readonly (readonly Lobe[])[] = [
  lobes([[1, 0.0047]]),
  lobes([[1, 0.0053]]),
  lobes([
    [34.1, 0.04],
    [13.5, 0.025],
  ]),
];

/** The picture as it is seen from afar: L*a*b* of what is left after the eye's own blur. */
export function seen({ width, height, rgb }: Light): Triple[] {
  const count = width * height;
  const axes = [new Float64Array(count), new Float64Array(count), new Float64Array(count)] as const;
  for (let at = 0; at < count; at += 1) {
    const [x, y, z] = toXyz([rgb[at * 3] ?? 0, rgb[at * 3 + 1] ?? 0, rgb[at * 3 + 2] ?? 0]);
    axes[0].set([y], at);
    axes[1].set([x - y], at);
    axes[2].set([y - z], at);
  }
  const [light, redGreen, yellowBlue] = axes.map((axis, at) => filtered(axis, width, height, LOBES[at] ?? []));
  return Array.from({ length: count }, (_, at) => {
    const y = light?.[at] ?? 0;
    return labOf([(redGreen?.[at] ?? 0) + y, y, y - (yellowBlue?.[at] ?? 0)]);
  });
}

/** What a picture could at best look like on glass whose black has this light: evenly in light, and evenly in Oklab. */
export function aims({ width, height, rgb }: Light, black: Triple): Light[] {
  const [least] = toOklab(black);
  const inLight = rgb.map((value, at) => (black[axisOf(at)] ?? 0) + value * (1 - (black[axisOf(at)] ?? 0)));
  const inLightness = new Float64Array(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const [lightness, a, b] = toOklab([rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0]);
    inLightness.set(fromOklab([least + (1 - least) * lightness, (1 - least) * a, (1 - least) * b]), at);
  }
  return [inLight, inLightness].map((light) => ({ width, height, rgb: light }));
}

function axisOf(at: number): 0 | 1 | 2 {
  const axis = at % 3;
  if (axis === 0) return 0;
  return axis === 1 ? 1 : 2;
}

function lobes(given: readonly (readonly [amount: number, width: number])[]): Lobe[] {
  const masses = given.map(([amount, width]) => amount * Math.sqrt(Math.PI * width));
  const whole = masses.reduce((sum, mass) => sum + mass, 0);
  return given.map(([, width], at) => ({
    weight: (masses[at] ?? 0) / whole,
    sigmaPx: (Math.sqrt(width / 2) / Math.PI) * PIXELS_PER_DEGREE,
  }));
}

function filtered(axis: Float64Array, width: number, height: number, given: readonly Lobe[]): Float64Array {
  const sum = new Float64Array(axis.length);
  for (const { weight, sigmaPx } of given) {
    const across = blurred(axis, { length: width, stride: 1, lines: height, lineStride: width }, sigmaPx);
    const both = blurred(across, { length: height, stride: width, lines: width, lineStride: 1 }, sigmaPx);
    for (const [at, value] of both.entries()) sum[at] = (sum[at] ?? 0) + weight * value;
  }
  return sum;
}

type Lines = { length: number; stride: number; lines: number; lineStride: number };

/** Along one direction, mirrored at the edges. */
function blurred(axis: Float64Array, { length, stride, lines, lineStride }: Lines, sigmaPx: number): Float64Array {
  const reach = Math.round(3 * sigmaPx);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigmaPx ** 2)));
  const mass = kernel.reduce((sum, value) => sum + value, 0);
  const out = new Float64Array(axis.length);
  for (let line = 0; line < lines; line += 1) {
    for (let place = 0; place < length; place += 1) {
      let sum = 0;
      for (let offset = -reach; offset <= reach; offset += 1) {
        const from = mirrored(place + offset, length);
        sum += (kernel[offset + reach] ?? 0) * (axis[line * lineStride + from * stride] ?? 0);
      }
      out[line * lineStride + place * stride] = sum / mass;
    }
  }
  return out;
}

function mirrored(place: number, length: number): number {
  if (place < 0) return -1 - place;
  return place >= length ? 2 * length - 1 - place : place;
}
