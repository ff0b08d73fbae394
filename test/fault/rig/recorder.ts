import { createHash } from 'node:crypto';
import type { Step } from '../queue/history.js';
import type { Told } from '../queue/history-writer.js';
import type { WorldTime } from './world-time.js';

/** The history of a round that happens in one process: its order is that of the telling. */
export class Recorder {
  readonly steps: Step[] = [];
  readonly #time: WorldTime;

  constructor(time: WorldTime) {
    this.#time = time;
  }

  note(proc: string, told: Told): void {
    this.steps.push({ at: this.#time.nowMs, mono: this.steps.length, proc, ...told });
  }
}

const HASH_CHARACTERS = 16;

/** Names a body, however its keys are ordered. */
export function hashOf(body: unknown): string {
  return createHash('sha256').update(inOrder(body)).digest('hex').slice(0, HASH_CHARACTERS);
}

function inOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOrder).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${inOrder(one)}`).join(',')}}`;
}

/** Numbers that rise as ranges, first and last within. */
export function rangesOf(numbers: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const one of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && one <= last[1] + 1) last[1] = Math.max(last[1], one);
    else ranges.push([one, one]);
  }
  return ranges;
}
