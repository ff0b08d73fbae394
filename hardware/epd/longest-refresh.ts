import type { PanelSpec } from './panel-spec.js';

/** How long the slowest refresh of a panel takes in a room. */
export function longestRefreshMs({ full, fast, partial, grey }: PanelSpec): number {
  return Math.max(...[full, fast, partial, grey].map((waveform) => waveform?.refreshMs ?? 0));
}
