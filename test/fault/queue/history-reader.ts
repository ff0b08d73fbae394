import { readFileSync } from 'node:fs';
import { parseJson } from '../../../contract/index.js';
import { FaultError } from '../errors.js';
import { type History, type Step, StepSchema } from './history.js';

/**
 * The steps in the file of one process. A last line that was cut off by a kill is no step.
 * @throws FaultError `history.unreadable`
 */
export function readHistory(path: string): Step[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  // After the last newline comes nothing, or what was cut off.
  lines.pop();
  return lines.map((line, index) => {
    const parsed = parseJson(StepSchema, line);
    if (parsed.ok) return parsed.value;
    const what = parsed.refusals.map(({ path: where, reason }) => `${where}: ${reason}`).join('; ');
    throw new FaultError('history.unreadable', `${path} line ${index + 1}: ${what}`);
  });
}

/**
 * The histories of several processes of one machine as one: by wall time, each in its own order. A wall clock that is
 * set back does not turn the order of a process round.
 */
export function mergeHistories(histories: readonly History[]): Step[] {
  const placed = histories.flatMap((history) => {
    let latest = Number.NEGATIVE_INFINITY;
    return history.map((step) => {
      latest = Math.max(latest, step.at);
      return { step, place: latest };
    });
  });
  // Array.prototype.sort is stable: what has the same place stays in the order of its file.
  return placed.sort((a, b) => a.place - b.place).map(({ step }) => step);
}
