import { mkdtempSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { RigCloud } from '../rig/rig-cloud.js';
import { CLOUD_MUTANTS } from './cloud-mutants.js';
import { hunt, trial } from './hunt.js';
import { OUTBOX_MUTANTS } from './outbox-mutants.js';
import { STORE_MUTANTS } from './store-mutants.js';

test('scratch', async () => {
  const folder = mkdtempSync('/dev/shm/inklet-mut-');
  const engine = testEngines()[0];
  if (engine === undefined) throw new RangeError();
  const cloud = await RigCloud.start(engine, { hubs: 2 });
  try {
    for (const mutant of [...OUTBOX_MUTANTS, ...STORE_MUTANTS, ...CLOUD_MUTANTS]) {
      if (process.env.ONLY && !mutant.name.includes(process.env.ONLY)) continue;
      const t = performance.now();
      try {
        const found = await hunt({ cloud, folder }, mutant, { from: 1, most: Number(process.env.MOST ?? 12) });
        const seed = found === undefined ? 1 : found.rounds;
        const clean =
          found === undefined ? [] : await trial({ cloud, folder }, seed, { ...mutant, hub: {}, cloud: {} });
        console.log(
          mutant.name,
          '|',
          mutant.breaks,
          '|',
          found?.by.join(',') ?? 'NOT CAUGHT',
          '|',
          found?.rounds,
          '|',
          found?.by.includes(mutant.breaks) ? '' : 'OTHER',
          clean.length ? `TRUE CODE TOO: ${[...new Set(clean.map((c) => c.id))]}` : '',
          Math.round(performance.now() - t),
        );
      } catch (e) {
        console.log(mutant.name, 'THREW', e);
      }
    }
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true });
  }
  expect(1).toBe(1);
}, 1200_000);
