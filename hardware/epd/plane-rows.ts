import { type Frame, rowBytes } from './frame.js';
import type { PixelWindow, PlaneSpec } from './panel-spec.js';

/** How the bytes of a frame become those of a plane. */
interface Recipe {
  /** What each source byte becomes; undefined if bytes stay as they are. */
  readonly table: Uint8Array | undefined;
  /** Source bytes that make one byte of the plane: two where four inks become one bit each. */
  readonly bytesPerByte: 1 | 2;
}

const recipes = new WeakMap<PlaneSpec, Map<number, Recipe>>();

/**
 * The bytes of a window of a frame as a plane takes them, rows first, in pieces of at most `maxBytes`. Nothing is copied
 * that can be sent from where it lies; other pieces share one buffer, so that a piece is valid until the next is asked for.
 */
export function* planeRows(
  frame: Frame,
  window: PixelWindow,
  plane: PlaneSpec,
  maxBytes: number,
): Generator<Uint8Array> {
  const { table, bytesPerByte } = recipeFor(plane, frame.bitsPerPixel);
  const stride = rowBytes(frame.width, frame.bitsPerPixel);
  const width = rowBytes(window.width, plane.bitsPerPixel);
  const start = window.y * stride + (window.x * frame.bitsPerPixel) / 8;
  const total = width * window.height;
  if (table === undefined && width === stride) {
    for (let at = 0; at < total; at += maxBytes) {
      yield frame.data.subarray(start + at, start + Math.min(at + maxBytes, total));
    }
    return;
  }
  const buffer = new Uint8Array(Math.min(maxBytes, total));
  let filled = 0;
  for (let row = 0; row < window.height; row += 1) {
    const from = start + row * stride;
    for (let column = 0; column < width; ) {
      const run = Math.min(width - column, buffer.length - filled);
      const source = frame.data.subarray(from + column * bytesPerByte, from + (column + run) * bytesPerByte);
      fill(buffer, filled, source, table, bytesPerByte);
      filled += run;
      column += run;
      if (filled < buffer.length) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

function fill(
  buffer: Uint8Array,
  at: number,
  source: Uint8Array,
  table: Uint8Array | undefined,
  bytesPerByte: 1 | 2,
): void {
  if (table === undefined) buffer.set(source, at);
  else if (bytesPerByte === 1) {
    for (let from = 0; from < source.length; from += 1) buffer[at + from] = table[source[from] ?? 0] ?? 0;
  } else {
    for (let from = 0; from < source.length; from += 2) {
      const high = table[source[from] ?? 0] ?? 0;
      const low = table[source[from + 1] ?? 0] ?? 0;
      buffer[at + (from >> 1)] = (high << 4) | low;
    }
  }
}

function recipeFor(plane: PlaneSpec, bitsPerPixel: 1 | 2 | 4): Recipe {
  const known = recipes.get(plane) ?? new Map<number, Recipe>();
  recipes.set(plane, known);
  const recipe = known.get(bitsPerPixel) ?? newRecipe(plane, bitsPerPixel);
  known.set(bitsPerPixel, recipe);
  return recipe;
}

function newRecipe({ bitsPerPixel: bitsOut, values }: PlaneSpec, bitsIn: 1 | 2 | 4): Recipe {
  const bytesPerByte = bitsIn === 2 && bitsOut === 1 ? 2 : 1;
  if (bitsIn === bitsOut && values.every((value, ink) => value === ink)) return { table: undefined, bytesPerByte };
  const table = new Uint8Array(256);
  for (let byte = 0; byte < table.length; byte += 1) {
    let made = 0;
    for (let shift = 8 - bitsIn; shift >= 0; shift -= bitsIn) {
      const ink = (byte >> shift) & ((1 << bitsIn) - 1);
      made = (made << bitsOut) | (values[ink] ?? 0);
    }
    table[byte] = made;
  }
  return { table, bytesPerByte };
}
