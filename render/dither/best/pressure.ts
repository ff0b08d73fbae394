import type { EyeKernel } from './eye-kernel.js';

/**
 * For every pixel how much the errors around it, and its own, are seen at its place. Kept true while pixels change,
 * it says of any change what it costs. All its rows have a margin of the kernel's radius to each side, and it has as
 * many rows more above and below.
 */
export class Pressure {
  readonly values: Float32Array;
  /** Values in a row, margins included. */
  readonly stride: number;
  readonly #kernel: EyeKernel;

  /** @param errors light that each pixel has too much, laid out as the values are, 0 in the margin */
  constructor(kernel: EyeKernel, errors: Float32Array, stride: number) {
    this.#kernel = kernel;
    this.stride = stride;
    this.values = new Float32Array(errors.length);
    for (const { weight, profile } of kernel.lobes) {
      const across = spread(errors, profile, 1, 1);
      for (const [at, value] of spread(across, profile, stride, weight).entries()) {
        this.values[at] = (this.values[at] ?? 0) + value;
      }
    }
  }

  /** Takes note that a pixel has become lighter by so much. */
  add(at: number, light: number): void {
    const { radius, weights } = this.#kernel;
    const { values, stride } = this;
    const side = 2 * radius + 1;
    let to = at - radius * stride - radius;
    let from = 0;
    for (let row = 0; row < side; row += 1) {
      for (let column = 0; column < side; column += 1) {
        values[to] = (values[to] ?? 0) + (weights[from] ?? 0) * light;
        from += 1;
        to += 1;
      }
      to += stride - side;
    }
  }
}

function spread(from: Float32Array, profile: Float64Array, step: number, factor: number): Float32Array {
  const to = new Float32Array(from.length);
  const reach = ((profile.length - 1) / 2) * step;
  for (let at = reach; at < from.length - reach; at += 1) {
    let sum = 0;
    let near = at - reach;
    for (let index = 0; index < profile.length; index += 1, near += step) {
      sum += (profile[index] ?? 0) * (from[near] ?? 0);
    }
    to[at] = sum * factor;
  }
  return to;
}
