import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { testEngines } from '../../support/cloud-databases.js';
import { judge } from '../queue/checks.js';
import { RigCloud } from './rig-cloud.js';
import { runRound } from './round.js';

test('scratch', async () => {
  const folder = mkdtempSync('/dev/shm/inklet-rig-');
  const engine = testEngines()[0];
  if (engine === undefined) throw new RangeError();
  const cloud = await RigCloud.start(engine, { hubs: 2 });
  try {
    const t = performance.now();
    const n = Number(process.env.N ?? 20);
    let steps = 0;
    for (let seed = Number(process.env.FROM ?? 1); seed < Number(process.env.FROM ?? 1) + n; seed++) {
      const t1 = performance.now();
      const { history, cloud: state } = await runRound({
        cloud,
        folder: path.join(folder, String(seed)),
        seed,
        steps: 60,
        weights: JSON.parse(process.env.WEIGHTS ?? '{}'),
      });
      steps += history.length;
      const violations = judge(history, {
        cloud: state,
        timeToleranceMs: 30_000,
        pace: { backoffCapMs: 300_000, eventsPerS: 10 },
      });
      for (const v of violations.slice(0, 3)) {
        console.log('VIOLATION', seed, v.id, v.what);
        if (process.env.EV) for (const e of v.evidence.slice(0, 12)) console.log('   ', JSON.stringify(e));
      }
      const count = (name: string) => history.filter((s) => s.step === name).length;
      console.log(
        seed,
        Math.round(performance.now() - t1),
        'ms',
        history.length,
        'enq',
        count('enq.ok'),
        'send',
        count('send'),
        'reply',
        count('reply'),
        'ev',
        state.events.length,
        'dead',
        state.dead.length,
        'gaps',
        state.gaps.length,
        'cmd',
        count('cmd.create'),
        count('cmd.effect'),
        count('cmd.final'),
      );
      if (process.env.SHOW) for (const s of history) console.log(JSON.stringify(s));
    }
    console.log((n / (performance.now() - t)) * 1000, 'rounds/s');
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true });
  }
  expect(1).toBe(1);
}, 120_000);
