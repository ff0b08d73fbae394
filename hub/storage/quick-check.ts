import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Lane } from '../../contract/index.js';
import { HubError } from '../errors.js';
import { SEALED_HEAD_SQL } from './seal.js';

const BUSY_TIMEOUT_MS = 5000;
/** The thread only waits for SQLite, whose memory is not counted here. */
const HEAP_LIMIT_MB = 16;

/** Plain JavaScript, so that the thread has nothing to load but SQLite, whether the hub was built or runs from source. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { crc32 } = require('node:zlib');
const Sqlite = require(workerData.sqlite);
try {
  const sqlite = new Sqlite(workerData.path, { readonly: true, fileMustExist: true, timeout: workerData.timeoutMs });
  sqlite.function('seal', { deterministic: true }, (head, body) => crc32(body, crc32(head)));
  let found = sqlite.pragma('quick_check(1)', { simple: true });
  for (const { name, sql } of found === 'ok' ? workerData.looks : []) {
    const row = sqlite.prepare(sql).get();
    if (row !== undefined) found = 'row ' + row.pos + ' of ' + name;
  }
  sqlite.close();
  parentPort.postMessage({ code: found === 'ok' ? '' : 'SQLITE_CORRUPT', message: found });
} catch (error) {
  parentPort.postMessage({ code: error.code, message: error.message });
}
`;

/** Source: SQLite, result and error codes; all others say nothing of the pages. */
const DAMAGE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'];

const LANES: readonly Lane[] = [0, 1, 2, 3];

/** What SQLite holds for whole and is not what was accepted: an event of no kind, or with another seal. */
const LOOKS = LANES.map((lane) => ({
  name: `log${lane}`,
  sql: `SELECT pos FROM log${lane} AS log LEFT JOIN origin ON origin.n = origin LEFT JOIN boot ON boot.n = boot
    WHERE boot.n IS NULL OR NOT json_valid(body)
      OR (typeof(log.id) = 'integer' AND log.id <> seal(${SEALED_HEAD_SQL(lane)}, body)) LIMIT 1`,
}));

const FoundSchema = z.object({ code: z.string(), message: z.string() });

/**
 * Looks through a whole database file in a thread and by a connection of its own, so that nobody waits for it: undefined
 * if it is whole, otherwise the first thing that is wrong. Takes some 280 ms for a million rows.
 * @throws HubError `storage.failing` when it could not be looked through; the reason of the signal when it aborts
 */
export async function quickCheck(path: string, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  const worker = new Worker(THREAD, {
    eval: true,
    // What the hub itself was started with does not concern it.
    execArgv: [],
    workerData: { sqlite, path, timeoutMs: BUSY_TIMEOUT_MS, looks: LOOKS },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
  });
  // A hub that stops does not wait for it.
  worker.unref();
  try {
    const [message]: unknown[] = await once(worker, 'message', { signal });
    const { code, message: found } = FoundSchema.parse(message);
    if (code === '') return undefined;
    if (DAMAGE.some((prefix) => code.startsWith(prefix))) return found;
    throw new HubError('storage.failing', `${path} could not be looked through: ${code}: ${found}`);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await worker.terminate();
  }
}
