import { connect } from 'node:net';
import { HardwareError } from '../../errors.js';
import type { Clock } from '../../ports.js';

/** Where pcscd listens; compiled into it and into its client library. */
export const PCSCD_SOCKET = '/run/pcscd/pcscd.comm';

const ANSWER_LIMIT_MS = 3000;

/**
 * The greeting of every client of pcscd: length and number of the command, then protocol version 4.4 and a place for the
 * result, 32 bits each, in the byte order of the machine. Whatever comes back shows that pcscd is alive.
 * Source: winscard_msg.h of PCSC-Lite (rxHeader, version_struct, CMD_VERSION).
 */
const GREETING = Buffer.from(Int32Array.of(12, 0x11, 4, 4, 0).buffer);

/**
 * Asks pcscd whether it answers. A client that waits for it inside the library would wait for ever.
 * @throws HardwareError `nfc.no-service`, `nfc.service-hangs`
 */
export async function askPcscd(path: string, clock: Pick<Clock, 'sleep'>): Promise<void> {
  const over = new AbortController();
  const limit = clock.sleep(ANSWER_LIMIT_MS, over.signal).then(() => {
    throw new HardwareError('nfc.service-hangs', `pcscd at ${path} has not answered within ${ANSWER_LIMIT_MS} ms`);
  });
  try {
    await Promise.race([greet(path, over.signal), limit]);
  } finally {
    over.abort();
    await limit.catch(() => undefined);
  }
}

function greet(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const end = () => {
      socket.destroy();
      resolve();
    };
    socket.once('connect', () => socket.write(GREETING));
    socket.once('data', end);
    // A pcscd that speaks another version hangs up, which is an answer.
    socket.once('end', end);
    socket.once('error', (cause) => {
      const isRefusal = 'code' in cause && cause.code === 'EACCES';
      const what = isRefusal ? 'this user may not speak to pcscd' : 'pcscd does not run';
      reject(new HardwareError('nfc.no-service', `${what}: ${cause.message}`, { cause }));
    });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
  });
}
