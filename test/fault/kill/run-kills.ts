import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import { built } from '../../../device-sim/household/built.js';
import { systemClock } from '../../../hardware/linux/clock.js';
import { Promises } from '../power/promises.js';
import { judgeKilled } from './judge-killed.js';

export type KillReport = { rounds: number; enqueued: number; violations: string[] };

const KILLED_STORE = built('test', 'fault', 'kill', 'killed-store', 'main.js');
/** After its first promise; and of some, at any time after its start. */
const MOST_WORK_MS = 60;
const MOST_START_MS = 250;
const EARLY_SHARE = 1 / 8;

/**
 * Lets stores work and kills them at random instants, `atOnce` at a time, each of which is opened again and again in the
 * same folder.
 */
export async function runKills({
  rounds,
  seed,
  atOnce,
}: {
  rounds: number;
  seed: number;
  atOnce: number;
}): Promise<KillReport> {
  const dir = mkdtempSync(join(tmpdir(), 'inklet-kills-'));
  const report: KillReport = { rounds: 0, enqueued: 0, violations: [] };
  const share = Math.ceil(rounds / atOnce);
  try {
    const runs = Array.from({ length: atOnce }, (_, run) =>
      killAgainAndAgain({ dir: join(dir, `${run}`), rounds: share, seed: seed + run, report }),
    );
    await Promise.all(runs);
    return report;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

type Run = { dir: string; rounds: number; seed: number; report: KillReport };

async function killAgainAndAgain({ dir, rounds, seed, report }: Run): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const random = seededRandom(seed);
  const history = join(dir, 'history');
  writeFileSync(history, '');
  const promises = new Promises();
  let heard = 0;
  for (let round = 0; round < rounds; round += 1) {
    await killOne({ dataDir: dir, history, seed: seed * 10_000 + round }, random);
    heard = hear(history, heard, promises);
    const wrong = await judgeKilled(dir, promises);
    report.violations.push(...wrong.map((what) => `seed ${seed}, round ${round}: ${what}`));
    report.rounds += 1;
    if (wrong.length > 0) return;
  }
  report.enqueued += [...promises.last.values()].reduce((sum, last) => sum + last, 0);
}

async function killOne(settings: Record<string, unknown>, random: () => number): Promise<void> {
  const child = spawn(process.execPath, [KILLED_STORE, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  if (random() < EARLY_SHARE) await systemClock.sleep(random() * MOST_START_MS);
  else {
    await Promise.race([once(child.stdout, 'data'), exited]);
    await systemClock.sleep(random() * MOST_WORK_MS);
  }
  child.kill('SIGKILL');
  await exited;
}

/** What was written since the last time; each line is one write, and none is cut. */
function hear(history: string, from: number, promises: Promises): number {
  const file = openSync(history, 'r');
  try {
    const piece = Buffer.alloc(fstatSync(file).size - from);
    readSync(file, piece, 0, piece.length, from);
    promises.hear(piece);
    return from + piece.length;
  } finally {
    closeSync(file);
  }
}
