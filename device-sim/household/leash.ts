import { Socket } from 'node:net';
import { pathToFileURL } from 'node:url';

/**
 * Runs a product, named by the first argument, that leaves when whoever started it is gone without a word. The other
 * end of file descriptor 3 is the household's; the kernel closes it however the household dies.
 */
const LEASH_FD = 3;

const leash = new Socket({ fd: LEASH_FD, readable: true, writable: false });
leash.on('error', () => leash.destroy());
leash.once('close', () => process.kill(process.pid, 'SIGTERM'));
leash.resume();
leash.unref();

await import(pathToFileURL(process.argv[2] ?? '').href);
