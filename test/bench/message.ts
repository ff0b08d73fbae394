import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Household, stranger } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { type Figure, quantile, round } from './figure.js';

const WARM_UP = 3;
const MESSAGES = 40;
const SYNCS = 40;
const AIM_P50_MS = 150;

/** From the POST to `confirmed`, without the time for which the panel held BUSY; beside it, what one fsync costs here. */
export async function benchMessage(household: Household, glassSpeed: number, signal: AbortSignal): Promise<Figure> {
  const { address, world } = household;
  const api = stranger(address.cloudUrl, address.pat, systemClock);
  const displayId = address.displays[0]?.id ?? '';
  const own: number[] = [];
  const whole: number[] = [];
  for (let index = 0; index < WARM_UP + MESSAGES; index += 1) {
    const busyBefore = world.panel.busyHeldMs;
    const sent = await api.send({ text: `Message ${index}: bread rises at seven` }, displayId, signal);
    const tookMs = Date.parse(sent.times.confirmed ?? '') - Date.parse(sent.times.asked ?? '');
    const busyMs = (world.panel.busyHeldMs - busyBefore) / glassSpeed;
    if (index < WARM_UP) continue;
    own.push(tookMs - busyMs);
    whole.push(tookMs);
  }
  const fsyncMs = quantile(await fsyncs(), 0.5);
  const p50 = quantile(own, 0.5);
  return {
    unit: 'ms',
    what: 'POST to confirmed without the time for which the panel held BUSY',
    samples: own.length,
    p50,
    p95: quantile(own, 0.95),
    aimP50: AIM_P50_MS,
    p50WithPanel: quantile(whole, 0.5),
    fsyncP50: fsyncMs,
    p50PerFsync: round(p50 / Math.max(fsyncMs, 0.1)),
  };
}

async function fsyncs(): Promise<number[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-fsync-'));
  const file = await open(path.join(dir, 'yardstick'), 'w');
  const times: number[] = [];
  for (let index = 0; index < SYNCS; index += 1) {
    const start = systemClock.monotonic();
    await file.write(randomBytes(4096));
    await file.sync();
    times.push(systemClock.monotonic() - start);
  }
  await file.close();
  await rm(dir, { recursive: true, force: true });
  return times;
}
