import { writeFile } from 'node:fs/promises';
import type { Clock } from '../../hardware/index.js';
import { pngToFrame } from '../../render/index.js';
import type { Household } from './household.js';
import { type StrangersMessage, stranger } from './stranger.js';

/** The proof of one message: what was asked, what the hub made of it, what the glass shows, what the cloud previews. */
export type Proof = {
  contentId: string;
  analysisId: string;
  presentationId: string;
  state: string;
  times: Record<string, string | null>;
  frameSha256: string | null;
  glassSha256: string;
  previewSha256: string;
  png: string;
};

export type Outcome = { proof: Proof; failure: { code: string; message: string } | null };

/** Sends a message through the public API as a stranger's program would, and gathers its proof. */
export async function sendOnce(
  household: Household,
  {
    message,
    pngFile,
    inks,
    clock,
  }: { message: StrangersMessage; pngFile: string; inks: readonly string[]; clock: Clock },
  signal: AbortSignal,
): Promise<Outcome> {
  const { address, world } = household;
  const [display] = address.displays;
  const api = stranger(address.cloudUrl, address.pat, clock);
  const { failure, ...sent } = await api.send(message, display?.id ?? '', signal);
  const glassSha256 = world.wall.sha256;
  await writeFile(pngFile, await world.wall.png());
  const preview =
    failure === null ? await previewFrame(() => api.preview(sent.presentationId, 'png', signal), inks) : '';
  return { proof: { ...sent, glassSha256, previewSha256: preview, png: pngFile }, failure };
}

/** Whether the frame, the glass and the preview are one and the same, and the cloud says so. */
export function isProved({ state, frameSha256, glassSha256, previewSha256 }: Proof): boolean {
  return state === 'confirmed' && frameSha256 === glassSha256 && frameSha256 === previewSha256;
}

async function previewFrame(fetchPng: () => Promise<Uint8Array>, inks: readonly string[]): Promise<string> {
  return (await pngToFrame(await fetchPng(), inks)).sha256;
}
