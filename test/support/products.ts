import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'vitest';
import type { ProductSpec } from '../../device-sim/household/product-process.js';
import { systemClock } from '../../hardware/index.js';

/** The word of a product of a few lines that it is ready. */
export const READY = `console.log(JSON.stringify({ ready: true, url: 'http://127.0.0.1:' + (process.env.INKLET_PORT ?? 4711) }));`;
export const STAYS = 'setInterval(() => undefined, 1_000);';

/** Tests with a folder in which products of a few lines live; there is a space in its name. */
export const test = it
  .extend('dir', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet product ${task.id} `));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('product', ({ dir }) => async (lines: string): Promise<ProductSpec> => {
    const script = path.join(dir, 'main.mjs');
    await writeFile(script, lines);
    const env = { PATH: process.env.PATH ?? '', DIR: dir };
    return {
      name: 'hub',
      script,
      env,
      logFile: path.join(dir, 'logs', 'hub.log'),
      stopLimitMs: 8_000,
      clock: systemClock,
    };
  })
  .extend(
    'written',
    ({ dir }) =>
      (file: string) =>
        readFile(path.join(dir, file), 'utf8'),
  );

/** Whether there is a process with this id. */
export function isThere(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Polls as fast as the event loop turns, for what happens in another process. */
export async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read().catch(() => undefined);
    if (value !== undefined && done(value)) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
