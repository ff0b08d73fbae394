import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'vitest';

/** Tests with a folder for a campaign, which stays where a round was not as it must be. */
export const test = it.extend('dir', async ({ task }, { onCleanup }) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-fault-'));
  onCleanup(async () => {
    if (task.result?.state !== 'fail') await rm(dir, { recursive: true, force: true });
  });
  return dir;
});
