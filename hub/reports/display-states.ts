import { type DisplayState, type Ink, InkSchema } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { DisplayRow } from '../storage/displays.js';

/** The pixels and inks of a panel, in the order of ink indexes, and which measurement of them is trusted if not the usual. */
export type PanelGeometry = { width: number; height: number; inks: readonly string[]; profile?: string | undefined };

/** A display as the cloud and the household's page see it; undefined if this build does not know its panel. */
export function displayStateOf(
  row: DisplayRow,
  geometryOf: (panel: string) => PanelGeometry | undefined,
): DisplayState | undefined {
  const geometry = geometryOf(row.panel);
  if (geometry === undefined) return undefined;
  return {
    displayId: row.displayId,
    name: row.name,
    kind: 'wired',
    panel: row.panel,
    width: geometry.width,
    height: geometry.height,
    inks: geometry.inks.map((ink): Ink => InkSchema.parse(ink)),
    ...(geometry.profile === undefined ? {} : { profile: geometry.profile }),
    currentPresentationId: row.currentPresentationId,
    pendingPresentationId: row.pendingPresentationId,
    frameSha256: row.glass === 'known' ? row.frameSha256 : null,
    updatedAt: timestamp(row.updatedMs),
  };
}
