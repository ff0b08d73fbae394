import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { HardwareError } from '../errors.js';
import type { Syscalls } from './syscalls.js';

/**
 * The kernel of this machine. Koffi brings its binary for 64-bit ARM and x86 and for ARMv7, so nothing is compiled.
 * @throws HardwareError `linux.unsupported`
 */
export async function linuxSyscalls(): Promise<Syscalls> {
  if (process.platform !== 'linux') {
    throw new HardwareError('linux.unsupported', `SPI and GPIO are driven on Linux, and this is ${process.platform}`);
  }
  const { koffi, ioctl } = await bindIoctl();
  // The thread pool's errno is back in place while koffi tells its result, and nowhere else.
  const answer = (result: number): number => (result < 0 ? -koffi.errno() : result);
  return {
    open(path) {
      try {
        return openSync(path, 'r+');
      } catch (error) {
        return negativeErrno(error);
      }
    },
    close: (fd) => closeSync(fd),
    ioctl: (fd, request, struct, aside = false) =>
      new Promise((resolve, reject) => {
        if (!aside) return resolve(answer(ioctl(fd, request, struct)));
        ioctl.async(fd, request, struct, (error: unknown, result: number) => {
          if (error instanceof Error) reject(error);
          else resolve(answer(result));
        });
      }),
    addressOf: (bytes) => koffi.address(bytes),
    list(folder) {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    },
    readText(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
  };
}

/** Late, and only here: a hub behind a hardware socket never loads a native binding. */
async function bindIoctl() {
  try {
    const koffi = await import('koffi');
    return { koffi, ioctl: koffi.load(null).func('int ioctl(int fd, unsigned long request, void *struct)') };
  } catch (cause) {
    const message = `no binding to the kernel for ${process.platform} on ${process.arch}; on ARM it needs ARMv7 or later`;
    throw new HardwareError('linux.unsupported', message, { cause });
  }
}

function negativeErrno(error: unknown): number {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return error.errno;
  throw error;
}
