import { eq } from 'drizzle-orm';
import { PictureTypeSchema, type PublicDisplay } from '../../contract/index.js';
import type { Tx } from '../database/database.js';
import { isOnline } from '../device/presence.js';
import { hub } from '../device/tables.js';
import { colorModeOf, formatsFor } from '../presentation/presentation-view.js';
import { display } from './tables.js';

export type DisplayRow = typeof display.$inferSelect;
export type DisplayWithHub = { display: DisplayRow; hub: typeof hub.$inferSelect };

/** The displays of the household, each with its hub. */
export function selectDisplays(tx: Tx) {
  return tx.select({ display, hub }).from(display).innerJoin(hub, eq(hub.id, display.hubId));
}

/** A display as its hub reported it. Wired displays have no battery and no rhythm of their own: those are null. */
export function viewDisplay({ display: row, hub: its }: DisplayWithHub, now: Date): PublicDisplay {
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
    currentPresentationId: row.currentPresentationId,
    currentPresentationUpdatedAt: row.currentUpdatedAt?.toISOString() ?? null,
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
