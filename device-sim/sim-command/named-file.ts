import { open, writeFile } from 'node:fs/promises';
import { SimError } from '../errors.js';

/**
 * Reads a file that a person named, if it is one and no longer than `mostBytes`.
 * @throws SimError `sim.unreadable`
 */
export async function readNamedFile(file: string, mostBytes: number): Promise<Uint8Array> {
  const handle = await open(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new SimError('sim.unreadable', `${file} is not a file`);
    if (stats.size > mostBytes) {
      throw new SimError('sim.unreadable', `${file} has ${stats.size} bytes, the limit is ${mostBytes}`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** @throws SimError `sim.unwritable` */
export async function writeNamedFile(file: string, content: Uint8Array | string): Promise<void> {
  await writeFile(file, content).catch((cause: unknown) => {
    throw new SimError('sim.unwritable', `${file} cannot be written: ${reason(cause)}`, { cause });
  });
}

function unreadable(file: string, cause: unknown): SimError {
  return new SimError('sim.unreadable', `${file} cannot be read: ${reason(cause)}`, { cause });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
