import { and, eq } from 'drizzle-orm';
import { PictureTypeSchema, type PublicDisplay } from '../../contract/index.js';
import type { Tx } from '../database/database.js';
import { isOnline } from '../device/presence.js';
import { hub } from '../device/tables.js';
import { colorModeOf, formatsFor, type PresentationRow } from '../presentation/presentation-view.js';
import { presentation } from '../presentation/tables.js';
import { display } from './tables.js';

export type DisplayRow = typeof display.$inferSelect;
export type DisplayWithHub = {
  display: DisplayRow;
  hub: typeof hub.$inferSelect;
  /** What its glass was last proved to show; null before the first proof. */
  onGlass: PresentationRow | null;
};

/**
 * The displays of the household, each with its hub and what is on its glass. Only a proof counts: a state message that
 * was under way for long, or came before the proof, says nothing here.
 */
export function selectDisplays(tx: Tx) {
  return tx
    .select({ display, hub, onGlass: presentation })
    .from(display)
    .innerJoin(hub, eq(hub.id, display.hubId))
    .leftJoin(
      presentation,
      and(
        eq(presentation.householdId, display.householdId),
        eq(presentation.displayId, display.id),
        eq(presentation.state, 'confirmed'),
      ),
    );
}

/** A display as its hub reported it. Wired displays have no battery and no rhythm of their own: those are null. */
export function viewDisplay({ display: row, hub: its, onGlass }: DisplayWithHub, now: Date): PublicDisplay {
  return {
    id: row.id,
    hardwareId: its.hwId,
    thingName: its.thingName,
    name: row.name,
    nickname: row.nickname === '' ? null : row.nickname,
    firmware: its.version,
    batteryPercent: null,
    online: isOnline(its, now.getTime()),
    lastSeenAt: its.lastSeenAt?.toISOString() ?? null,
    stateUpdatedAt: row.stateUpdatedAt?.toISOString() ?? null,
    boundAt: row.boundAt?.toISOString() ?? null,
    tags: row.tags,
    syncIntervalMinutes: null,
    nextSyncAt: null,
    currentPresentationId: onGlass?.id ?? null,
    currentPresentationUpdatedAt: onGlass?.updatedAt.toISOString() ?? null,
    pendingPresentationId: row.pendingPresentationId,
    capabilities: capabilitiesOf(row),
  };
}

function capabilitiesOf({ width, height, inks }: DisplayRow): PublicDisplay['capabilities'] {
  const wide = width > height ? 'landscape' : 'portrait';
  return {
    pixelWidth: width,
    pixelHeight: height,
    orientation: width === height ? 'square' : wide,
    colorMode: colorModeOf(inks),
    supportedImageContentTypes: [...PictureTypeSchema.options],
    supportedOutputFormats: formatsFor(inks),
  };
}
