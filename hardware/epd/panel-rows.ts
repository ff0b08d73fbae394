import { panelModes } from './panel-modes.js';
import type { PanelLimits, PanelSpec, ShowMode } from './panel-spec.js';
import { PANELS } from './panels.js';

/** One way in which a panel can be refreshed; `inks` only where they are others than the panel's own. */
export interface PanelAbility {
  readonly refreshMs: number;
  readonly inks?: readonly string[];
}

/** What a program may want to know of a panel. An ability that the panel has not is absent. */
export interface PanelRow {
  readonly id: string;
  readonly product: string;
  /** The print on the chip. */
  readonly controller: string;
  readonly width: number;
  readonly height: number;
  /** In the order of their ink index. */
  readonly inks: readonly string[];
  readonly abilities: Readonly<Partial<Record<ShowMode, PanelAbility>>>;
  readonly limits: PanelLimits;
  readonly source: string;
}

/** The panels that the product drives, in the order of their table. */
export function panelRows(): readonly PanelRow[] {
  const panels: [string, PanelSpec][] = Object.entries(PANELS);
  return panels.map(([id, spec]) => {
    const { name: product, chip: controller, width, height, inks, limits, source } = spec;
    return { id, product, controller, width, height, inks, abilities: abilitiesOf(spec), limits, source };
  });
}

function abilitiesOf(spec: PanelSpec): PanelRow['abilities'] {
  const abilities: Partial<Record<ShowMode, PanelAbility>> = {};
  for (const mode of panelModes(spec)) {
    const refreshMs = spec[mode]?.refreshMs ?? 0;
    abilities[mode] = mode === 'grey' && spec.grey !== undefined ? { refreshMs, inks: spec.grey.inks } : { refreshMs };
  }
  return abilities;
}
