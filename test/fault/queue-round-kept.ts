import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Violation } from './queue/verdict.js';
import type { QueueWorld } from './queue-round-world.js';

export type Found = {
  readonly history: readonly object[];
  readonly violations: readonly string[];
  readonly broken: readonly Violation[];
};

/** Leaves the round's folder, with all that shows what went wrong in it. */
export async function keepRound(world: QueueWorld, { history, violations, broken }: Found): Promise<void> {
  world.isKept = true;
  const keepFile = (name: string, text: string) => writeFile(path.join(world.dir, name), text, { mode: 0o600 });
  await keepFile('history.jsonl', history.map((step) => `${JSON.stringify(step)}\n`).join(''));
  await keepFile('violations.txt', `${violations.join('\n')}\n`);
  await keepFile('evidence.json', JSON.stringify(broken, null, 1));
  for (const hub of world.hubs) await keepFile(`${hub.settings.card}.log`, hub.log);
}
