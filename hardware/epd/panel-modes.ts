import type { PanelSpec, ShowMode } from './panel-spec.js';

const SHOW_MODES = ['full', 'fast', 'partial', 'grey'] as const satisfies readonly ShowMode[];

/** The ways in which a panel can be refreshed. */
export function panelModes(spec: PanelSpec): readonly ShowMode[] {
  return SHOW_MODES.filter((mode) => spec[mode] !== undefined);
}
