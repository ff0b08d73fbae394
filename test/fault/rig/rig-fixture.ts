import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestEngine } from '../../support/cloud-databases.js';
import { RigCloud } from './rig-cloud.js';

/** Memory that looks like a disk, where there is some: a round is not about what a disk does. */
const MEMORY = '/dev/shm';

export type Rig = { cloud: RigCloud; folder: string; stop: () => Promise<void> };

/** A cloud for two hubs, and a folder for their cards. */
export async function startRig(engine: TestEngine): Promise<Rig> {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'inklet-rig-'));
  const cloud = await RigCloud.start(engine, { hubs: 2 });
  const stop = async () => {
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { cloud, folder, stop };
}
