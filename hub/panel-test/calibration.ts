import type { PanelSpec } from '../../hardware/index.js';
import type { renderCalibrationCard } from '../../render/index.js';
import type { TestCard } from './test-card.js';

/** The card that compares the profiles of a panel's inks; nothing on it counts, so one refresh shows it. */
export function calibrationCard(
  panel: Pick<PanelSpec, 'width' | 'height' | 'inks'>,
  draw: typeof renderCalibrationCard,
): TestCard {
  return {
    greys: async () => undefined,
    withCount: () => draw(panel),
  };
}
