import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'vitest';
import { type Home, type Household, scaledClock, startHousehold, stranger, takeHome } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';

/** With this a full refresh takes a fifth of a second. */
const GLASS_SPEED = 20;

/** Tests in a household that lives as long as their file. */
export const test = it
  .extend('glassSpeed', { scope: 'file' }, GLASS_SPEED)
  .extend('household', { scope: 'file' }, async ({ glassSpeed }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'inklet-household-'));
    const home = await takeHome(dir, { fresh: false });
    const household = await startTestHousehold(home, { glassSpeed });
    onCleanup(async () => {
      await household.stop();
      await home.release();
      await rm(dir, { recursive: true, force: true });
    });
    return household;
  })
  .extend('api', { scope: 'file' }, ({ household }) =>
    stranger(household.address.cloudUrl, household.address.pat, systemClock),
  )
  .extend('displayId', { scope: 'file' }, ({ household }) => household.address.displays[0]?.id ?? '');

/** A household on free ports whose glass runs fast. */
export function startTestHousehold(
  home: Home,
  {
    glassSpeed = GLASS_SPEED,
    panel = '7in5_V2',
    databaseUrl,
    env = {},
  }: { glassSpeed?: number; panel?: string; databaseUrl?: string; env?: Record<string, string> } = {},
): Promise<Household> {
  const baseEnv = { ...env, PATH: process.env.PATH ?? '', HOME: home.dir, TMPDIR: tmpdir() };
  const ports = { cloud: 0, hub: 0, glass: 0, iotCore: 0 };
  const glassClock = scaledClock(systemClock, glassSpeed);
  return startHousehold(
    { home, panel, ports, clock: systemClock, glassClock, databaseUrl, baseEnv },
    new AbortController().signal,
  );
}
