import { readFile } from 'node:fs/promises';
import { type Household, stranger } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { type Figure, megabytes } from './figure.js';

const REST_MS = 20_000;
const AIM_MB = 120;

/** Resident memory of the hub's process, after a message and a rest, and its highest. */
export async function benchMemory({ address, hub }: Household, signal: AbortSignal): Promise<Figure> {
  const api = stranger(address.cloudUrl, address.pat, systemClock);
  const rested = async () => {
    await api.send({ text: 'Bread rises at seven' }, address.displays[0]?.id ?? '', signal);
    await systemClock.sleep(REST_MS, signal);
    return readFile(`/proc/${hub.pid}/status`, 'utf8');
  };
  const provisioning = await rested();
  await hub.kill();
  await hub.start();
  const status = await rested();
  return {
    unit: 'MB',
    what: 'resident memory of the hub, idle after a message',
    idle: ofStatus(status, 'VmRSS'),
    aim: AIM_MB,
    peak: ofStatus(status, 'VmHWM'),
    idleInTheRunThatProvisioned: ofStatus(provisioning, 'VmRSS'),
  };
}

function ofStatus(status: string, field: string): number {
  return megabytes(Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]));
}
