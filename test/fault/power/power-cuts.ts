import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import { DiskModel } from './disk-model.js';
import { MARKS_FILE } from './marks.js';
import { Promises } from './promises.js';
import { judge, layOut, type Verdict } from './rebuilt-state.js';
import { compileRecorder, record, type Work } from './record.js';
import type { RecordedOp } from './recording.js';

export type PowerReport = { states: number; bad: number } & Partial<Record<Exclude<Verdict, undefined>, number>>;

/** Of each point at which the power goes. */
const STATES_PER_CUT = 4;
/** A folder in memory, if the machine has one: tens of thousands of states are written and thrown away. */
const MEMORY = '/dev/shm';

/** Records a store at work and rebuilds what power cuts at random points of it may leave. */
export async function runPowerCuts(work: Work, states: number): Promise<PowerReport> {
  const dir = mkdtempSync(join(tmpdir(), 'inklet-power-'));
  const stateDir = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'inklet-power-'));
  try {
    const ops = await record(work, { dir, library: await compileRecorder(dir) });
    return await tryCuts(ops, { states, random: seededRandom(work.seed), dir: stateDir });
  } finally {
    rmSync(dir, { recursive: true, force: true });
    rmSync(stateDir, { recursive: true, force: true });
  }
}

type Cuts = { states: number; random: () => number; dir: string };

async function tryCuts(ops: readonly RecordedOp[], { states, random, dir }: Cuts): Promise<PowerReport> {
  const cuts = Array.from({ length: Math.ceil(states / STATES_PER_CUT) }, () => Math.floor(random() * ops.length));
  const report: PowerReport = { states: 0, bad: 0 };
  const disk = new DiskModel();
  const promises = new Promises();
  const marks = new Set<number>();
  let done = 0;
  for (const cut of cuts.sort((a, b) => a - b)) {
    for (; done < cut; done += 1) {
      const op = ops[done];
      if (op === undefined) continue;
      if (op.op === 'open' && op.name === MARKS_FILE) marks.add(op.file);
      else if (op.op === 'write' && marks.has(op.file)) promises.hear(op.data);
      else disk.apply(op);
    }
    for (let state = 0; state < STATES_PER_CUT; state += 1) {
      layOut(dir, disk.stateAfterCut(random));
      const verdict = await judge(dir, promises);
      report.states += 1;
      if (verdict === undefined) continue;
      report.bad += 1;
      report[verdict] = (report[verdict] ?? 0) + 1;
    }
  }
  return report;
}
