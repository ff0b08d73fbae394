import { type Frame, rowBytes } from './frame.js';
import type { PixelWindow } from './panel-spec.js';

/** How windows may be cut. */
export interface WindowCost {
  /** What addressing a window costs on the bus, in bytes of data that could be sent instead. */
  readonly bytesPerWindow: number;
  /** How many windows there may be. */
  readonly most: number;
}

/** In bytes of a packed row, the ends not included. */
interface Span {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** With more open at once, a new one is joined to its neighbour, so that noise is not cut into thousands. */
const OPEN_AT_ONCE = 24;

/**
 * Few windows on whole bytes that hold every difference between two frames of one geometry, cheapest on the bus: two are
 * joined where the bytes between them cost less than a window of their own. Empty if the frames are the same.
 */
export function changedWindows(before: Frame, after: Frame, cost: WindowCost): PixelWindow[] {
  if (before.sha256 === after.sha256) return [];
  const pixelsPerByte = 8 / after.bitsPerPixel;
  return joined(changedSpans(before, after, cost.bytesPerWindow), cost).map(({ left, top, right, bottom }) => {
    const x = left * pixelsPerByte;
    return { x, y: top, width: Math.min(right * pixelsPerByte, after.width) - x, height: bottom - top };
  });
}

/** The smallest window that holds all of some. */
export function bounds(windows: readonly PixelWindow[]): PixelWindow | undefined {
  const [first, ...others] = windows;
  if (first === undefined) return undefined;
  return others.reduce((all, { x, y, width, height }) => {
    const left = Math.min(all.x, x);
    const top = Math.min(all.y, y);
    const right = Math.max(all.x + all.width, x + width);
    const bottom = Math.max(all.y + all.height, y + height);
    return { x: left, y: top, width: right - left, height: bottom - top };
  }, first);
}

/** Row by row from the top: a run of changed bytes grows the span that it costs least to grow, or begins one. */
function changedSpans(before: Frame, after: Frame, bytesPerWindow: number): Span[] {
  const stride = rowBytes(after.width, after.bitsPerPixel);
  const spans: Span[] = [];
  for (let row = 0; row < after.height; row += 1) {
    const from = row * stride;
    let column = 0;
    while (column < stride) {
      if (before.data[from + column] === after.data[from + column]) {
        column += 1;
        continue;
      }
      const left = column;
      while (column < stride && before.data[from + column] !== after.data[from + column]) column += 1;
      take({ left, top: row, right: column, bottom: row + 1 }, spans, bytesPerWindow);
    }
  }
  return spans;
}

function take(run: Span, spans: Span[], bytesPerWindow: number): void {
  let best: Span | undefined;
  let bestGrowth = Number.POSITIVE_INFINITY;
  for (const span of spans) {
    const growth = area(around(span, run)) - area(span) - area(run);
    if (growth < bestGrowth) [best, bestGrowth] = [span, growth];
  }
  if (best !== undefined && (bestGrowth <= bytesPerWindow || spans.length >= OPEN_AT_ONCE)) {
    Object.assign(best, around(best, run));
  } else spans.push(run);
}

function joined(spans: readonly Span[], { bytesPerWindow, most }: WindowCost): Span[] {
  const windows = [...spans];
  for (;;) {
    let pair: [number, number] | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let first = 0; first < windows.length; first += 1) {
      for (let second = first + 1; second < windows.length; second += 1) {
        const [a, b] = [windows[first], windows[second]];
        if (a === undefined || b === undefined) continue;
        const growth = area(around(a, b)) - area(a) - area(b);
        if (growth < least) [pair, least] = [[first, second], growth];
      }
    }
    if (pair === undefined || (least > bytesPerWindow && windows.length <= most)) return windows;
    const [first, second] = pair;
    const [b] = windows.splice(second, 1);
    const a = windows[first];
    if (a !== undefined && b !== undefined) windows[first] = around(a, b);
  }
}

function around(a: Span, b: Span): Span {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

function area({ left, top, right, bottom }: Span): number {
  return (right - left) * (bottom - top);
}
