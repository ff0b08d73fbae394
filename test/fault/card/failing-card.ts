import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import { built } from '../../../device-sim/household/built.js';
import { atMost } from '../at-most.js';
import { judgeKilled } from '../kill/judge-killed.js';
import { MarkSchema } from '../power/marks.js';
import { Promises } from '../power/promises.js';
import { compileRecorder } from '../power/record.js';

export type CardReport = {
  runs: number;
  /** Runs in which the store was refused something and said so, and in which the process ended itself with a message. */
  refusedClearly: number;
  left: number;
  violations: string[];
};

const TROUBLED_STORE = built('test', 'fault', 'card', 'troubled-store', 'main.js');
const TURNS = 40;
/** Each is a process that waits for a card. */
const AT_ONCE = 2;
/** A run asks for about so many writes, and so many syncs. */
const MOST = { write: 400, sync: 60 } as const;
// Source: Linux, errno-base.h.
const ERRORS = { EIO: 5, ENOSPC: 28 } as const;
const CLEAR = new Set(['storage.full', 'storage.failing', 'outbox.full']);

/** Lets stores work on a card that fails the n-th write or sync and some after it, and looks what they promised all the same. */
export async function runFailingCards({ runs, seed }: { runs: number; seed: number }): Promise<CardReport> {
  const random = seededRandom(seed);
  const cards = Array.from({ length: runs }, () => failingCard(random));
  return withFolder(async (dir) => {
    const library = await compileRecorder(dir);
    return runCards(
      dir,
      seed,
      cards.map((fail) => ({ LD_PRELOAD: library, ...fail })),
    );
  });
}

/** The same on one card that fails nothing. */
export function runSoundCard(seed: number): Promise<CardReport> {
  return withFolder((dir) => runCards(dir, seed, [{}]));
}

type Environment = Record<string, string>;

function failingCard(random: () => number): Environment {
  const op = random() < 0.5 ? 'write' : 'sync';
  return {
    FAIL_OP: op,
    FAIL_AT: String(1 + Math.floor(random() * MOST[op])),
    FAIL_COUNT: String(random() < 0.5 ? 1 : 1 + Math.floor(random() * 20)),
    FAIL_ERRNO: String(random() < 0.5 ? ERRORS.EIO : ERRORS.ENOSPC),
  };
}

async function withFolder(work: (dir: string) => Promise<CardReport>): Promise<CardReport> {
  const dir = mkdtempSync(join(tmpdir(), 'inklet-card-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runCards(dir: string, seed: number, cards: readonly Environment[]): Promise<CardReport> {
  const report: CardReport = { runs: 0, refusedClearly: 0, left: 0, violations: [] };
  await atMost(AT_ONCE, cards, async (fail, run) => {
    await tryCard({ dir: join(dir, `${run}`), seed: seed + run, fail, report });
    rmSync(join(dir, `${run}`), { recursive: true });
    report.runs += 1;
  });
  return report;
}

type Trial = { dir: string; seed: number; fail: Environment; report: CardReport };

async function tryCard({ dir, seed, fail, report }: Trial): Promise<void> {
  const dataDir = join(dir, 'hub');
  mkdirSync(dataDir, { recursive: true });
  const history = join(dir, 'history');
  writeFileSync(history, '');
  const settings = JSON.stringify({ dataDir, history, seed, turns: TURNS });
  const child = spawn(process.execPath, [TROUBLED_STORE, settings], {
    env: { RECORD_DIR: dataDir, ...fail },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const [code] = await once(child, 'close');
  const text = readFileSync(history);
  const promises = new Promises();
  promises.hear(text);
  const { wrong } = await judgeKilled(dataDir, promises);
  if (code !== 0) {
    report.left += 1;
    if (!/HubError|storage\./.test(said)) wrong.push(`left without a word: ${code}, ${said.slice(0, 500)}`);
  }
  const refusals = refusalsIn(text.toString());
  if (refusals.length > 0) report.refusedClearly += 1;
  for (const refusal of refusals) if (!CLEAR.has(refusal)) wrong.push(`refused by ${refusal}`);
  report.violations.push(...wrong.map((what) => `${JSON.stringify(fail)} seed ${seed}: ${what}`));
}

function refusalsIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const mark = MarkSchema.parse(JSON.parse(line));
    return mark.step === 'refused' ? [mark.code] : [];
  });
}
