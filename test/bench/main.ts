import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Home, type Household, scaledClock, startHousehold, takeHome } from '../../device-sim/index.js';
import { systemClock } from '../../hardware/index.js';
import { benchBoot } from './boot.js';
import type { Figure } from './figure.js';
import { benchGuessing } from './guessing.js';
import { benchIngest } from './ingest/ingest.js';
import { benchMemory } from './memory.js';
import { benchMessage } from './message.js';
import { benchPanels } from './panels.js';
import { benchProvisioning } from './provisioning.js';
import { benchQuality } from './quality/quality.js';
import { benchQueue } from './queue/queue.js';
import { benchPhoto } from './render/photo.js';
import { benchRenderText } from './render-text.js';

/** The glass runs this much faster than in life; the time that it holds BUSY is subtracted all the same. */
const GLASS_SPEED = 20;

const BENCHES: Record<string, (household: Household, signal: AbortSignal) => Promise<Figure>> = {
  memory: benchMemory,
  boot: benchBoot,
  message: (household, signal) => benchMessage(household, GLASS_SPEED, signal),
};

/** Those that need no household. */
const ALONE: Record<string, () => Promise<readonly Figure[]>> = {
  panels: benchPanels,
  provisioning: () => benchProvisioning(process.env.INKLET_DATABASE_URL),
  guessing: benchGuessing,
  ingest: () => benchIngest(process.env.INKLET_DATABASE_URL),
  queue: () => benchQueue(process.env.INKLET_DATABASE_URL),
  quality: benchQuality,
  render: async () => [...(await benchPhoto()), ...(await benchRenderText())],
};

process.exitCode = await main(process.argv.slice(2));

async function main(asked: readonly string[]): Promise<number> {
  const all = [...Object.keys(ALONE), ...Object.keys(BENCHES)];
  const names = asked.length === 0 ? all : asked;
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`no benchmark ${unknown.join(', ')}; known are ${all.join(', ')}\n`);
    return 2;
  }
  for (const name of names) {
    for (const figure of (await ALONE[name]?.()) ?? []) print(name, figure);
  }
  const inHousehold = names.filter((name) => Object.hasOwn(BENCHES, name));
  return inHousehold.length === 0 ? 0 : runInHousehold(inHousehold);
}

async function runInHousehold(names: readonly string[]): Promise<number> {
  const leave = new AbortController();
  process.once('SIGINT', () => leave.abort());
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-'));
  const home = await takeHome(dir, { fresh: false });
  const household = await begin(home, leave.signal);
  try {
    for (const name of names) {
      const figure = await BENCHES[name]?.(household, leave.signal);
      if (figure !== undefined) print(name, figure);
    }
    return 0;
  } finally {
    await household.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function print(bench: string, figure: Figure): void {
  process.stdout.write(`${JSON.stringify({ bench, ...figure })}\n`);
}

function begin(home: Home, signal: AbortSignal): Promise<Household> {
  return startHousehold(
    {
      home,
      panel: '7in5_V2',
      ports: { cloud: 0, hub: 0, glass: 0, iotCore: 0 },
      clock: systemClock,
      glassClock: scaledClock(systemClock, GLASS_SPEED),
      databaseUrl: process.env.INKLET_DATABASE_URL,
      baseEnv: { PATH: process.env.PATH ?? '', HOME: home.dir, TMPDIR: tmpdir() },
    },
    signal,
  );
}
