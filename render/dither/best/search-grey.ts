import { setImmediate } from 'node:timers/promises';
import { eyeKernel } from './eye-kernel.js';
import { Pressure } from './pressure.js';

/** A picture in greys that is to be improved. */
export type GreyPattern = {
  width: number;
  height: number;
  /** Light that each pixel should have, white 1, rows first. */
  aims: Float32Array;
  /** Light of each level of the panel, in any order. */
  lights: readonly number[];
  /** The level of each pixel. */
  levels: Uint8Array;
};

/** More would find next to nothing: each finds a third of what the one before it found. */
const MOST_PASSES = 8;
/** Between two looks at the signal; some milliseconds. */
const ROWS_AT_ONCE = 16;
/** A change that is worth less is none; keeps rounding from making two of them undo each other for ever. */
const LEAST_GAIN = 1e-5;
/** How far around a change others are looked at again. */
const REACH = 3;
/** In the margin: no level of any panel. */
const OUTSIDE = 255;

/**
 * Direct binary search: gives a pixel another level, or exchanges it with one beside it, wherever the eye then sees
 * less error, until nothing is left to gain or the passes are over. The same pattern gives the same levels everywhere.
 *
 * @returns the better levels; the given ones are left as they are
 * @throws the reason of the signal, some milliseconds after it aborts
 */
export async function searchGrey(pattern: GreyPattern, signal?: AbortSignal): Promise<Uint8Array> {
  const search = new Search(pattern);
  for (let pass = 0; pass < MOST_PASSES && search.begin(); pass += 1) {
    for (let row = 0; row < pattern.height; row += ROWS_AT_ONCE) {
      signal?.throwIfAborted();
      search.rows(row, Math.min(pattern.height, row + ROWS_AT_ONCE));
      await setImmediate();
    }
  }
  signal?.throwIfAborted();
  return search.levels();
}

class Search {
  readonly #pattern: GreyPattern;
  readonly #lights: Float64Array;
  readonly #levels: Uint8Array;
  readonly #pressure: Pressure;
  readonly #margin: number;
  readonly #stride: number;
  /** What a pixel's error weighs on itself, and what is left of that when the one beside it has the opposite error. */
  readonly #own: number;
  readonly #beside: readonly { readonly step: number; readonly rest: number }[];
  /** Where something around has changed since a pixel was last looked at. */
  #open: Uint8Array;
  #opened: Uint8Array;
  #changes = 1;

  constructor(pattern: GreyPattern) {
    const { width, height, aims, lights, levels } = pattern;
    const kernel = eyeKernel();
    const { radius, weights } = kernel;
    const side = 2 * radius + 1;
    const weightAt = (x: number, y: number) => weights[(radius + y) * side + radius + x] ?? 0;
    this.#pattern = pattern;
    this.#lights = Float64Array.from(lights);
    this.#margin = radius;
    this.#stride = width + 2 * radius;
    this.#own = weightAt(0, 0);
    this.#beside = [-1, 0, 1]
      .flatMap((y) => [-1, 0, 1].map((x) => ({ x, y })))
      .filter(({ x, y }) => x !== 0 || y !== 0)
      .map(({ x, y }) => ({ step: y * this.#stride + x, rest: this.#own - weightAt(x, y) }));
    const size = this.#stride * (height + 2 * radius);
    this.#levels = new Uint8Array(size).fill(OUTSIDE);
    this.#open = new Uint8Array(size);
    this.#opened = new Uint8Array(size).fill(1);
    const errors = new Float32Array(size);
    for (let y = 0; y < height; y += 1) {
      const from = y * width;
      this.#levels.set(levels.subarray(from, from + width), this.#at(0, y));
      for (let x = 0; x < width; x += 1) {
        errors[this.#at(x, y)] = (lights[levels[from + x] ?? 0] ?? 0) - (aims[from + x] ?? 0);
      }
    }
    this.#pressure = new Pressure(kernel, errors, this.#stride);
  }

  /** Begins a pass; false when the one before it changed nothing. */
  begin(): boolean {
    if (this.#changes === 0) return false;
    this.#changes = 0;
    [this.#open, this.#opened] = [this.#opened, this.#open];
    this.#opened.fill(0);
    return true;
  }

  rows(from: number, to: number): void {
    for (let y = from; y < to; y += 1) {
      const start = this.#at(0, y);
      for (let at = start; at < start + this.#pattern.width; at += 1) {
        if (this.#open[at] === 1) this.#improve(at);
      }
    }
  }

  levels(): Uint8Array {
    const { width, height } = this.#pattern;
    const levels = new Uint8Array(width * height);
    for (let y = 0; y < height; y += 1) {
      const from = this.#at(0, y);
      levels.set(this.#levels.subarray(from, from + width), y * width);
    }
    return levels;
  }

  /**
   * Makes whichever change of one pixel costs the least, if it is a gain. An error of e more here costs
   * 2 e pressure + e e own; exchanged with the pixel beside it, the sum for both with what they weigh on each other.
   */
  #improve(at: number): void {
    const lights = this.#lights;
    const levels = this.#levels;
    const { values } = this.#pressure;
    const level = levels[at] ?? 0;
    const light = lights[level] ?? 0;
    const pressure = 2 * (values[at] ?? 0);
    let least = -LEAST_GAIN;
    let chosen = level;
    let partner = 0;
    for (let other = 0; other < lights.length; other += 1) {
      const more = (lights[other] ?? 0) - light;
      const cost = more * (pressure + more * this.#own);
      if (cost < least) {
        least = cost;
        chosen = other;
        partner = 0;
      }
    }
    for (const { step, rest } of this.#beside) {
      const other = levels[at + step] ?? OUTSIDE;
      if (other === level || other === OUTSIDE) continue;
      const more = (lights[other] ?? 0) - light;
      const cost = more * (pressure - 2 * (values[at + step] ?? 0)) + 2 * more * more * rest;
      if (cost < least) {
        least = cost;
        chosen = other;
        partner = step;
      }
    }
    if (chosen === level) return;
    this.#change(at, chosen);
    if (partner !== 0) this.#change(at + partner, level);
  }

  #change(at: number, level: number): void {
    const more = (this.#lights[level] ?? 0) - (this.#lights[this.#levels[at] ?? 0] ?? 0);
    this.#levels[at] = level;
    this.#pressure.add(at, more);
    this.#changes += 1;
    for (let row = -REACH; row <= REACH; row += 1) {
      const middle = at + row * this.#stride;
      this.#opened.fill(1, middle - REACH, middle + REACH + 1);
    }
  }

  #at(x: number, y: number): number {
    return (y + this.#margin) * this.#stride + this.#margin + x;
  }
}
