import { panelSpec } from '../hardware/index.js';
import type { HubConfig } from './config.js';
import { HubError } from './errors.js';

/**
 * Holds the profile that a household chose against those that are known for the inks of its panel.
 * @throws HubError `config.invalid` naming them
 */
export async function checkProfile({
  INKLET_PANEL,
  INKLET_PROFILE,
}: Pick<HubConfig, 'INKLET_PANEL' | 'INKLET_PROFILE'>): Promise<void> {
  if (INKLET_PROFILE === undefined) return;
  // Most hubs name none, and are spared what render takes of memory.
  const { profileIdsFor } = await import('../render/index.js');
  const known = profileIdsFor(panelSpec(INKLET_PANEL).inks);
  if (known.includes(INKLET_PROFILE)) return;
  const choice = known.length === 0 ? 'its inks have none' : `known for its inks: ${known.join(', ')}`;
  throw new HubError(
    'config.invalid',
    `INKLET_PROFILE: ${INKLET_PROFILE} is not for the panel ${INKLET_PANEL}, ${choice}`,
  );
}
