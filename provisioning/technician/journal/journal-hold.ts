import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { ProvisioningError } from '../../errors.js';

/**
 * Keeps a journal for this process, by a Linux socket that has a name and no file: the kernel takes it back when the process
 * is gone, however it went.
 * @throws ProvisioningError `tech.journal-in-use`, `tech.file-unwritable`
 */
export async function holdJournal(file: string): Promise<() => Promise<void>> {
  const whole = await wholePath(file);
  const name = createHash('sha256').update(whole).digest('hex');
  const server = createServer((socket) => socket.destroy());
  server.listen({ path: `\0inklet-journal-${name}` });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new ProvisioningError('tech.journal-in-use', `another run of the tool has ${whole}`, { cause });
  }
  server.unref();
  return async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
}

/** The same for every way to write it, as far as its folder goes. */
async function wholePath(file: string): Promise<string> {
  try {
    return path.join(await realpath(path.dirname(file)), path.basename(file));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProvisioningError('tech.file-unwritable', `the journal ${file}: ${reason}`, { cause });
  }
}
