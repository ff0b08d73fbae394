import { execFileSync } from 'node:child_process';
import type { Household } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { type Figure, quantile, round } from './figure.js';

const BOOTS = 5;

/** From power on to the hub's local API being ready, provisioned; beside it, an empty Node process on this machine. */
export async function benchBoot({ hub }: Household): Promise<Figure> {
  const boots: number[] = [];
  const empty: number[] = [];
  for (let index = 0; index < BOOTS; index += 1) {
    await hub.kill();
    boots.push(await timed(() => hub.start()));
    empty.push(await timed(async () => execFileSync(process.execPath, ['-e', '0'])));
  }
  const p50 = quantile(boots, 0.5);
  const nodeMs = quantile(empty, 0.5);
  return {
    unit: 'ms',
    what: 'start of the hub process to ready, after its power was cut',
    samples: BOOTS,
    p50,
    emptyNodeP50: nodeMs,
    ratio: round(p50 / nodeMs),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = systemClock.monotonic();
  await work();
  return systemClock.monotonic() - start;
}
