import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import { built } from '../../../device-sim/household/built.js';
import { systemClock } from '../../../hardware/linux/clock.js';
import { Promises } from '../power/promises.js';
import { judgeKilled } from './judge-killed.js';
import type { KillFault } from './kill-faults.js';

export type KillReport = {
  rounds: number;
  enqueued: number;
  /** Accepted events that were found in a gap, each time that somebody looked. */
  givenUp: number;
  cardsLost: number;
  violations: string[];
};

export type KillPlan = {
  rounds: number;
  seed: number;
  atOnce: number;
  fault?: KillFault;
};

const KILLED_STORE = built('test', 'fault', 'kill', 'killed-store', 'main.js');
/** After it has said so many words, one for each event; and of some, at any time after its start. */
const MOST_WORDS = 80;
const MOST_PAUSE_MS = 3;
const MOST_START_MS = 250;
const EARLY_SHARE = 1 / 8;
/** Each so many rounds the card is lost, and the store begins anew. */
const CARD_ROUNDS = 4;

/**
 * Lets stores work and kills them at random instants, `atOnce` at a time, each of which is opened again and again in the
 * same folder. One in which something is wrong is not opened again.
 */
export async function runKills({ rounds, seed, atOnce, fault }: KillPlan): Promise<KillReport> {
  const dir = mkdtempSync(join(tmpdir(), 'inklet-kills-'));
  const report: KillReport = { rounds: 0, enqueued: 0, givenUp: 0, cardsLost: 0, violations: [] };
  const share = Math.ceil(rounds / atOnce);
  try {
    const runs = Array.from({ length: atOnce }, (_, run) =>
      killAgainAndAgain({ dir: join(dir, `${run}`), rounds: share, seed: seed + run, fault, report }),
    );
    await Promise.all(runs);
    return report;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

type Run = { dir: string; rounds: number; seed: number; fault: KillFault | undefined; report: KillReport };

async function killAgainAndAgain({ dir, rounds, seed, fault, report }: Run): Promise<void> {
  const dataDir = join(dir, 'hub');
  mkdirSync(dataDir, { recursive: true });
  const random = seededRandom(seed);
  const history = join(dir, 'history');
  writeFileSync(history, '');
  const usedEpochs = new Set<string>();
  let promises = new Promises();
  let heard = 0;
  const countEvents = () => {
    report.enqueued += [...promises.last.values()].reduce((sum, last) => sum + last, 0);
  };
  for (let round = 0; round < rounds; round += 1) {
    const stopped = await killOne({ dataDir, history, seed: seed * 10_000 + round, fault }, random);
    heard = hear(history, heard, promises);
    const { wrong, givenUp } = await judgeKilled(dataDir, promises, usedEpochs);
    const found = [...stopped, ...wrong];
    report.violations.push(...found.map((what) => `seed ${seed}, round ${round}: ${what}`));
    report.rounds += 1;
    report.givenUp += givenUp;
    if (found.length > 0) return;
    if (round % CARD_ROUNDS !== CARD_ROUNDS - 1) continue;
    countEvents();
    if (promises.epoch !== undefined) usedEpochs.add(promises.epoch);
    promises = new Promises();
    rmSync(dataDir, { recursive: true });
    mkdirSync(dataDir);
    report.cardsLost += 1;
  }
  countEvents();
}

/** What is wrong with its end, if it did not wait to be killed. */
async function killOne(settings: Record<string, unknown>, random: () => number): Promise<string[]> {
  const child = spawn(process.execPath, [KILLED_STORE, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', settings.fault === undefined ? 'inherit' : 'ignore'],
  });
  const exited = once(child, 'exit');
  if (random() < EARLY_SHARE) await systemClock.sleep(random() * MOST_START_MS);
  else {
    await Promise.race([wordsOf(child.stdout, Math.ceil(random() * MOST_WORDS)), exited]);
    await systemClock.sleep(random() * MOST_PAUSE_MS);
  }
  child.kill('SIGKILL');
  await exited;
  return child.exitCode === null ? [] : [`stopped by itself: ${child.exitCode}`];
}

/** Resolves when so many bytes have come; whoever writes may go on. */
function wordsOf(output: Readable, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    let left = bytes;
    output.on('data', (piece: Buffer) => {
      left -= piece.length;
      if (left <= 0) resolve();
    });
  });
}

/** What was written since the last time. */
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
