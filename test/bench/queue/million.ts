import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { type Figure, hundredths, median, megabytes, quantile, round } from '../figure.js';
import { FilledSchema, OpenedSchema } from './filler-words.js';

const FILLER = fileURLToPath(new URL('./filler/main.js', import.meta.url));
const ROWS = 1_000_000;
const OPENS = 7;

/** A queue of weeks offline: how it is to add to it, what it takes, and how soon it is there again after a pulled plug. */
export async function benchMillion(): Promise<Figure[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-million-'));
  try {
    const filled = await untilKilled('fill', dir, FilledSchema);
    const opens: number[] = [];
    for (let time = 0; time < OPENS; time += 1) {
      const { openMs, rows } = await untilKilled('open', dir, OpenedSchema);
      if (rows < filled.rows) throw new RangeError(`${filled.rows} rows were on disk, ${rows} came back`);
      opens.push(openMs);
    }
    const fsyncMs = median(filled.fsyncsMs);
    const what = (of: string) => `at ${filled.rows} rows, ${of}`;
    return [
      {
        what: what('enqueue by groups of 100 beside an empty queue'),
        ratio: hundredths(median(filled.ratios)),
        aimRatio: 0.9,
      },
      {
        what: what('file and log by the payload'),
        ratio: hundredths(filled.diskBytes / filled.payloadBytes),
        aimRatio: 1.25,
      },
      {
        what: 'worst commit while it was filled, by the median fsync',
        ratio: Math.round(filled.worstCommitMs / fsyncMs),
        aimRatio: 100,
        worstMs: round(filled.worstCommitMs),
        fsyncMs: hundredths(fsyncMs),
      },
      {
        what: what('open after SIGKILL'),
        unit: 'ms',
        samples: OPENS,
        first: round(opens[0] ?? Number.NaN),
        p50: quantile(opens, 0.5),
        aim: 10,
      },
      {
        what: what('resident memory of the process'),
        unit: 'MB',
        now: megabytes(filled.rssKib),
        peak: megabytes(filled.peakKib),
        aim: 100,
      },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What it says, and then its end while it is at work. */
async function untilKilled<T>(what: 'fill' | 'open', dir: string, schema: z.ZodType<T>): Promise<T> {
  const child = start(what, dir);
  const gone = once(child, 'exit');
  try {
    return await ask(child, schema);
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

function start(what: 'fill' | 'open', dir: string): ChildProcess {
  return spawn(process.execPath, [FILLER, what, dir, String(ROWS)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function ask<T>({ stdout }: ChildProcess, schema: z.ZodType<T>): Promise<T> {
  if (stdout === null) throw new TypeError('no output to read');
  const [line] = await once(createInterface(stdout), 'line');
  return schema.parse(JSON.parse(String(line)));
}
