import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stranger, takeHome } from '../../device-sim/index.js';
import { panelSpec, systemClock } from '../../hardware/index.js';
import { pngToFrame } from '../../render/index.js';
import { startTestHousehold } from './household.js';

/** What the hub made, what the glass shows and what the cloud previews: one and the same if all is well. */
export type PanelProof = { state: string; frame: string | null; glass: string; preview: string };

/** Sends a text through a whole household to a panel whose glass runs fast. */
export async function messageOn(panel: string, glassSpeed: number, signal: AbortSignal): Promise<PanelProof> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-panel-'));
  const home = await takeHome(dir, { fresh: false });
  try {
    const household = await startTestHousehold(home, { panel, glassSpeed });
    try {
      const { cloudUrl, pat, displays } = household.address;
      const api = stranger(cloudUrl, pat, systemClock);
      const sent = await api.send({ text: 'Bread rises at seven' }, displays[0]?.id ?? '', signal);
      const preview = await api.preview(sent.presentationId, 'png', signal);
      return {
        state: sent.state,
        frame: sent.frameSha256,
        glass: household.world.wall.sha256,
        preview: (await pngToFrame(preview, panelSpec(panel).inks)).sha256,
      };
    } finally {
      await household.stop();
    }
  } finally {
    await home.release();
    await rm(dir, { recursive: true, force: true });
  }
}
