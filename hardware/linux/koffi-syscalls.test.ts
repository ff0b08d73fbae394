import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { test as base, expect } from 'vitest';
import { linuxSyscalls } from './koffi-syscalls.js';
import { openLinuxPanel } from './linux-panel.js';
import type { Syscalls } from './syscalls.js';

/** asm-generic/ioctls.h: the size of a terminal's window, four 16-bit numbers. */
const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;

const test = base.extend<{ syscalls: Syscalls; terminal: number }>({
  syscalls: async ({ task: _ }, use) => use(await linuxSyscalls()),
  terminal: async ({ syscalls }, use) => {
    const fd = syscalls.open('/dev/ptmx');
    await use(fd);
    syscalls.close(fd);
  },
});

test.for([false, true])(
  'the kernel of this machine reads and writes structs, aside: %s',
  async (aside, { syscalls, terminal }) => {
    const size = Buffer.from([24, 0, 80, 0, 1, 2, 3, 4]);
    expect(await syscalls.ioctl(terminal, TIOCSWINSZ, size, aside)).toBe(0);
    const answer = Buffer.alloc(8);
    expect(await syscalls.ioctl(terminal, TIOCGWINSZ, answer, aside)).toBe(0);
    expect(answer).toEqual(size);
  },
);

test.for([false, true])(
  'a refusal bears the errno of its own call, aside: %s',
  async (aside, { syscalls, terminal }) => {
    const calls = [
      syscalls.ioctl(terminal, 0xc250b407, Buffer.alloc(592), aside),
      syscalls.ioctl(-1, TIOCGWINSZ, Buffer.alloc(8), aside),
    ];
    expect(await Promise.all(calls)).toEqual([-constants.errno.ENOTTY, -constants.errno.EBADF]);
  },
);

test('an address that goes into a struct is where the bytes are', async ({ syscalls }) => {
  const bytes = Buffer.allocUnsafeSlow(4_096).fill('ink');
  const address = Number(syscalls.addressOf(bytes));
  const memory = await open('/proc/self/mem');
  const { buffer } = await memory.read(Buffer.alloc(4_096), 0, 4_096, address).finally(() => memory.close());
  expect(buffer).toEqual(bytes);
});

test('what is not there is told by number, or is absent', async ({ syscalls }) => {
  expect(syscalls.open('/dev/no-such-device')).toBe(-constants.errno.ENOENT);
  expect(syscalls.list('/no-such-folder')).toEqual([]);
  expect(syscalls.readText('/no-such-file')).toBeUndefined();
  expect(syscalls.list('/dev')).toContain('null');
});

test('a machine without the SPI bus says so, and how to switch it on', async ({ syscalls }) => {
  const spiDevice = '/dev/spidev99.9';
  await expect(openLinuxPanel({ wiring: 'waveshare', spiHz: 4_000_000, syscalls, spiDevice })).rejects.toMatchObject({
    code: 'linux.no-device',
    message: expect.stringMatching(/^\/dev\/spidev99\.9: .*ENOENT.*dtparam=spi=on/),
  });
});

test('a file that is no SPI bus is refused', async ({ syscalls }) => {
  const panel = openLinuxPanel({ wiring: 'waveshare', spiHz: 4_000_000, syscalls, spiDevice: '/dev/null' });
  await expect(panel).rejects.toMatchObject({ code: 'linux.refused', message: expect.stringContaining('ENOTTY') });
});
