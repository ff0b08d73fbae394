import type { GlassPart } from './chip.js';
import type { Region } from './glass.js';
import type { Lint } from './lint.js';

type Wired = { glass: Pick<GlassPart, 'width' | 'height'>; lint: Lint };

/** The window that PTL sets; undefined if it is none on this glass. */
export function windowOf(values: readonly number[], { glass, lint }: Wired): Region | undefined {
  const [left, right, top, bottom] = [word(values, 0), word(values, 2), word(values, 4), word(values, 6)];
  if ((left & 7) !== 0 || (right & 7) !== 7) lint.report('window-not-aligned', `columns ${left} to ${right}`);
  // The chip reads the low three bits of the first column as 0 and of the last as 1.
  const x = left & ~7;
  const width = (right | 7) + 1 - x;
  const height = bottom + 1 - top;
  if (width > 0 && height > 0 && x + width <= glass.width && bottom < glass.height) return { x, y: top, width, height };
  lint.report('window-outside', `columns ${left} to ${right}, rows ${top} to ${bottom}`);
  return undefined;
}

/** TRES must be the glass that the chip is bonded to. */
export function checkResolution(values: readonly number[], { glass, lint }: Wired): void {
  const [width, height] = [word(values, 0), word(values, 2)];
  if (width === glass.width && height === glass.height) return;
  lint.report('wrong-resolution', `TRES ${width} x ${height} on glass of ${glass.width} x ${glass.height}`);
}

function word(bytes: readonly number[], at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
