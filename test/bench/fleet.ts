import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../hardware/index.js';
import { KeyStore, provisionHub, readSignedTag } from '../../provisioning/index.js';
import { IdentityWatch } from '../fault/identity-watch.js';
import { type FleetSite, type MadeHub, startFleetSite } from '../support/fleet-site.js';
import { HubRun } from '../support/hub-run.js';
import { type Figure, quantile, round } from './figure.js';

const POWER_ONS = 15;
const EXCHANGES = 25;
const IN_A_ROW = 60;
const POWER_ON_AIM_MS = 700;
const IN_A_ROW_AIM_S = 60;
const LIMIT_MS = 60_000;

/** What it costs to make a hub a member of the fleet, at the stand-in and a real cloud whose hook decides. */
export async function benchFleet(databaseUrl: string | undefined): Promise<Figure[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-fleet-'));
  const site = await startFleetSite({ dir: path.join(dir, 'site'), databaseUrl });
  try {
    return [await powerOns(site, dir), await exchanges(site, dir), await inARow(site, dir)];
  } finally {
    await site.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function powerOns(site: FleetSite, dir: string): Promise<Figure> {
  const samples: number[] = [];
  for (let number = 0; number < POWER_ONS; number += 1) {
    samples.push(await withHub(site, path.join(dir, `on-${number}`), untilActive));
  }
  return figure('power-on of a new hub, its process, to ACTIVE', samples, { aimP50: POWER_ON_AIM_MS });
}

/** In this process, whose modules are loaded: the key, the wire, the hook and the disk. */
async function exchanges(site: FleetSite, dir: string): Promise<Figure> {
  const samples: number[] = [];
  for (let number = 0; number < EXCHANGES; number += 1) {
    samples.push(await withHub(site, path.join(dir, `exchange-${number}`), (hub) => exchange(site, hub)));
  }
  return figure('claim exchange alone, from no key to ACTIVE', samples.slice(1), {});
}

async function exchange({ iotCore }: FleetSite, hub: MadeHub): Promise<number> {
  const keys = hub.factory.signerKeys;
  const { proof: tag } = await readSignedTag(hub.reader, { keys });
  const [caPem, { claim }] = [await readFile(iotCore.caFile, 'utf8'), hub];
  return await timed(async () => {
    await provisionHub({
      ...{ endpoint: '127.0.0.1', port: iotCore.port, caPem, template: 'inklet-hub', claim, tag },
      keyStore: new KeyStore({ dir: hub.identityDir }),
      clock: systemClock,
      random: Math.random,
      log: pino({ level: 'silent' }),
    });
  });
}

/** As a technician with a box does it: a tag is written and read back, the cloud is told, the hub is plugged in. */
async function inARow(site: FleetSite, dir: string): Promise<Figure> {
  const claim = await site.iotCore.admin.createClaimCertificate();
  const tookMs = await timed(async () => {
    for (let number = 0; number < IN_A_ROW; number += 1) {
      await withHub(site, path.join(dir, `row-${number}`), untilActive, claim);
    }
  });
  return {
    what: 'hubs in a row: tag written and read back, hardware registered, power-on to ACTIVE',
    unit: 's',
    samples: IN_A_ROW,
    total: round(tookMs / 1000),
    aim: IN_A_ROW_AIM_S,
  };
}

async function withHub(
  site: FleetSite,
  dir: string,
  work: (hub: MadeHub) => Promise<number>,
  claim?: Parameters<FleetSite['makeHub']>[1],
): Promise<number> {
  const hub = await site.makeHub(dir, claim);
  try {
    return await work(hub);
  } finally {
    await hub.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function untilActive(hub: MadeHub): Promise<number> {
  const active = new AbortController();
  const watch = new IdentityWatch({
    dataDir: path.dirname(hub.identityDir),
    identityDir: hub.identityDir,
    onPhase: (phase) => {
      if (phase === 'ACTIVE') active.abort();
    },
    onKey: () => undefined,
    onToken: () => undefined,
    onDamage: () => undefined,
  });
  watch.start();
  const isActive = once(active.signal, 'abort', { signal: AbortSignal.timeout(LIMIT_MS) });
  const startMs = systemClock.monotonic();
  const run = HubRun.start(hub.spec, () => undefined);
  try {
    await isActive;
    return systemClock.monotonic() - startMs;
  } finally {
    watch.stop();
    await run.kill();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = systemClock.monotonic();
  await work();
  return systemClock.monotonic() - startMs;
}

function figure(what: string, samplesMs: readonly number[], aim: { aimP50?: number }): Figure {
  const [p50, p95] = [quantile(samplesMs, 0.5), quantile(samplesMs, 0.95)];
  return { what, unit: 'ms', samples: samplesMs.length, p50, p95, ...aim };
}
