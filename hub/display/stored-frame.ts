import { bitsPerPixelFor, type Clock, type Frame, frameOf, rowBytes } from '../../hardware/index.js';
import type { PanelGeometry } from '../reports/display-states.js';
import type { Blobs } from '../storage/blobs.js';
import type { DisplayRow, Restore } from '../storage/displays.js';
import type { Preparation } from './preparer.js';

/** A frame that was shown before, ready to be shown again; `display.empty` where there is none. */
export async function storedFrame(
  sha256: string | null,
  { frames, panel, clock }: { frames: Pick<Blobs, 'get'>; panel: PanelGeometry; clock: Pick<Clock, 'now'> },
): Promise<Preparation> {
  const data = sha256 === null ? undefined : await frames.get(sha256);
  if (sha256 === null || data === undefined) {
    const failure = { code: 'display.empty', message: 'no stored frame to draw again', retryable: false };
    return { ok: false, failure: { stage: 'paint', ...failure } };
  }
  const { width, height, inks } = panel;
  const frame: Frame = { width, height, bitsPerPixel: bitsPerPixelFor(inks.length), data, sha256 };
  return { ok: true, frame, renderedMs: clock.now(), stored: Promise.resolve() };
}

/** A frame without a mark on it. */
export function blankFrame({ width, height, inks }: PanelGeometry): Frame {
  const bits = bitsPerPixelFor(inks.length);
  const white = Math.max(0, inks.indexOf('white'));
  const row = new Uint8Array(rowBytes(width, bits));
  for (let bit = 0; bit < width * bits; bit += bits) {
    const at = bit >> 3;
    row[at] = (row[at] ?? 0) | (white << (8 - bits - (bit & 7)));
  }
  const data = new Uint8Array(row.length * height);
  for (let y = 0; y < height; y += 1) data.set(row, y * row.length);
  return frameOf(data, { width, height, inkCount: inks.length });
}

/** What comes back to the glass after a screen that is shown for a while, one such screen after the other. */
export function restoreAt(row: DisplayRow, atMs: number): Restore | undefined {
  const presentationId = row.restorePresentationId ?? row.currentPresentationId;
  const frameSha256 = row.restoreFrameSha256 ?? row.frameSha256;
  return frameSha256 === null ? undefined : { presentationId, frameSha256, atMs };
}

/** What was to come back to the glass already. */
export function restoreOf(row: DisplayRow): Restore | undefined {
  if (row.restoreFrameSha256 === null || row.restoreAtMs === null) return undefined;
  return { presentationId: row.restorePresentationId, frameSha256: row.restoreFrameSha256, atMs: row.restoreAtMs };
}
