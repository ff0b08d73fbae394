import type { PanelSpec } from './panel-spec.js';

/** How dense the pixels of a panel lie, which are square. */
export function pixelsPerInch({
  width,
  height,
  diagonalInch,
}: Pick<PanelSpec, 'width' | 'height' | 'diagonalInch'>): number {
  return Math.hypot(width, height) / diagonalInch;
}
