import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { built } from '../../../device-sim/household/built.js';
import { type RecordedOp, readRecording } from './recording.js';

const run = promisify(execFile);
export const COMPILER = 'gcc';
const SOURCE = join(import.meta.dirname, 'record-writes.c');
const POWER_HUB = built('test', 'fault', 'power', 'power-hub', 'main.js');

export type Work = {
  seed: number;
  turns: number;
  synchronous: 'FULL' | 'NORMAL' | 'OFF';
  checkpointPages?: number;
};

/** Compiles what is loaded into a process to see its writes; gives its path. */
export async function compileRecorder(dir: string): Promise<string> {
  const library = join(dir, 'record-writes.so');
  await run(COMPILER, [
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fPIC',
    '-shared',
    '-o',
    library,
    SOURCE,
    '-ldl',
    '-lpthread',
  ]);
  return library;
}

/** Lets a store work in a process of its own, and gives everything that it asked of the file system. */
export async function record(work: Work, { dir, library }: { dir: string; library: string }): Promise<RecordedOp[]> {
  const dataDir = join(dir, 'hub');
  mkdirSync(dataDir, { recursive: true });
  const log = join(dir, 'recording');
  await run(process.execPath, [POWER_HUB, JSON.stringify({ dataDir, ...work })], {
    env: { LD_PRELOAD: library, RECORD_DIR: dataDir, RECORD_LOG: log },
  });
  return readRecording(log);
}
