import { constants } from 'node:os';
import { test as base, describe, expect } from 'vitest';
import { FakeKernel } from './fake-kernel.js';

/*
 * How the real kernel answers: drivers/spi/spidev.c and drivers/gpio/gpiolib-cdev.c. Structs and numbers are as a C
 * program built against the kernel's headers has them.
 */
const { EBADF, EBUSY, EFAULT, EINVAL, EMSGSIZE, ENOENT, ENOTTY, EPERM } = constants.errno;
const GPIO_V2_GET_LINEINFO = 0xc100b405;
const GPIO_V2_GET_LINE = 0xc250b407;
const GPIO_V2_LINE_GET_VALUES = 0xc010b40e;
const GPIO_V2_LINE_SET_VALUES = 0xc010b40f;
const SPI_IOC_WR_MODE = 0x40016b01;
const SPI_IOC_WR_MAX_SPEED_HZ = 0x40046b04;
const SPI_IOC_MESSAGE_1 = 0x40206b00;
const SPI_IOC_MESSAGE_2 = 0x40406b00;

const test = base.extend<{ kernel: FakeKernel; spi: number; chip: number }>({
  kernel: async ({ task: _ }, use) => use(new FakeKernel({ board: 'pi-4' })),
  spi: async ({ kernel }, use) => use(kernel.open('/dev/spidev0.0')),
  chip: async ({ kernel }, use) => use(kernel.open('/dev/gpiochip0')),
});

test('/dev of a Raspberry Pi 4', ({ kernel }) => {
  expect(kernel.list('/dev')).toEqual(expect.arrayContaining(['gpiochip0', 'gpiochip1', 'spidev0.0', 'null']));
  expect(kernel.open('/dev/gpiochip2')).toBe(-ENOENT);
  expect(kernel.readText('/sys/module/spidev/parameters/bufsiz')).toBe('4096\n');
});

describe('spidev', () => {
  test.for([
    ['a number of GPIO', GPIO_V2_GET_LINE, 592, -ENOTTY],
    ['a number that nobody knows', 0x40016b7f, 1, -ENOTTY],
    ['a message read back instead of written', 0x80206b00, 32, -ENOTTY],
    ['a struct of the wrong size', 0x401f6b00, 31, -EINVAL],
    ['a struct shorter than its number says', SPI_IOC_MESSAGE_1, 31, -EFAULT],
    ['a transfer that points nowhere', SPI_IOC_MESSAGE_1, 32, -EFAULT],
  ] as const)('refuses %s', async ([, request, bytes, answer], { kernel, spi }) => {
    expect(await kernel.ioctl(spi, request, Buffer.alloc(bytes).fill(1, 0, 1))).toBe(answer);
  });

  test('a message may be as long as the buffer, all of its transfers together', async ({ kernel, spi }) => {
    const memory = Buffer.alloc(8_192);
    const address = kernel.addressOf(memory);
    const message = (...lengths: number[]) => Buffer.concat(lengths.map((bytes) => transfer(address, bytes)));
    expect(await kernel.ioctl(spi, SPI_IOC_MESSAGE_1, message(4_096))).toBe(4_096);
    expect(await kernel.ioctl(spi, SPI_IOC_MESSAGE_1, message(4_097))).toBe(-EMSGSIZE);
    expect(await kernel.ioctl(spi, SPI_IOC_MESSAGE_2, message(2_048, 2_048))).toBe(4_096);
    expect(await kernel.ioctl(spi, SPI_IOC_MESSAGE_2, message(4_096, 1))).toBe(-EMSGSIZE);
    expect(kernel.messages.map(({ bytes }) => bytes)).toEqual([4_096, 4_096]);
  });

  test('memory ends where the process said', async ({ kernel, spi }) => {
    const address = kernel.addressOf(Buffer.alloc(256));
    expect(await kernel.ioctl(spi, SPI_IOC_MESSAGE_1, transfer(address, 257))).toBe(-EFAULT);
    expect(await kernel.ioctl(spi, SPI_IOC_MESSAGE_1, transfer(address + 200n, 56))).toBe(56);
  });

  test('modes, speeds and widths that no controller has', async ({ kernel, spi }) => {
    expect(await kernel.ioctl(spi, SPI_IOC_WR_MODE, Buffer.of(0x80))).toBe(-EINVAL);
    expect(await kernel.ioctl(spi, SPI_IOC_WR_MAX_SPEED_HZ, Buffer.alloc(4))).toBe(-EINVAL);
    const wide = transfer(kernel.addressOf(Buffer.alloc(128)), 1);
    wide.writeUInt8(9, 26);
    expect(await kernel.ioctl(spi, SPI_IOC_MESSAGE_1, wide)).toBe(-EINVAL);
  });

  test('only the Raspberry Pi 5 cannot be without chip select', async ({ kernel, spi }) => {
    const newer = new FakeKernel({ board: 'pi-5, kernel 6.6.47' });
    expect(await kernel.ioctl(spi, SPI_IOC_WR_MODE, Buffer.of(0x40))).toBe(0);
    expect(await newer.ioctl(newer.open('/dev/spidev0.0'), SPI_IOC_WR_MODE, Buffer.of(0x40))).toBe(-EINVAL);
  });
});

describe('gpiochip', () => {
  test('a line is held by one request at a time', async ({ kernel, chip }) => {
    const first = request({ offsets: [17, 24] });
    expect(await kernel.ioctl(chip, GPIO_V2_GET_LINE, first)).toBe(0);
    expect(await kernel.ioctl(chip, GPIO_V2_GET_LINE, request({ offsets: [5, 24] }))).toBe(-EBUSY);
    expect(await kernel.ioctl(chip, GPIO_V2_GET_LINE, request({ offsets: [5] }))).toBe(0);
    expect(await lineInfo(kernel, chip, 24)).toEqual({ name: 'GPIO24', consumer: 'test', flags: 9n });
    kernel.close(first.readInt32LE(588));
    expect(await lineInfo(kernel, chip, 24)).toEqual({ name: 'GPIO24', consumer: '', flags: 8n });
    expect(await kernel.ioctl(chip, GPIO_V2_GET_LINE, request({ offsets: [24] }))).toBe(0);
  });

  test("the SPI driver's own chip selects are held from the start", async ({ kernel, chip }) => {
    expect(await lineInfo(kernel, chip, 8)).toMatchObject({ consumer: 'spi0 CS0' });
    expect(await kernel.ioctl(chip, GPIO_V2_GET_LINE, request({ offsets: [7] }))).toBe(-EBUSY);
  });

  test.for([
    ['no line at all', { offsets: [] }, -EINVAL],
    ['more lines than there are bits', { offsets: Array.from({ length: 65 }, (_, at) => at % 58) }, -EINVAL],
    ['a line that the chip does not have', { offsets: [58] }, -EINVAL],
    ['the same line twice', { offsets: [5, 5] }, -EBUSY],
    ['input and output at once', { offsets: [5], flags: 12n }, -EINVAL],
    ['a flag that is not known', { offsets: [5], flags: 1n << 40n }, -EINVAL],
    ['eleven attributes', { offsets: [5], attributes: 11 }, -EINVAL],
    ['an attribute that is not known', { offsets: [5], attributes: 1 }, -EINVAL],
    ['padding that is not zero', { offsets: [5], padding: 1 }, -EINVAL],
  ] as const)('refuses %s', async ([, wish, answer], { kernel, chip }) => {
    expect(await kernel.ioctl(chip, GPIO_V2_GET_LINE, request(wish))).toBe(answer);
  });

  test('values of lines that are not there, or not ours to set, are refused', async ({ kernel, chip }) => {
    const struct = request({ offsets: [17, 24], flags: 4n });
    await kernel.ioctl(chip, GPIO_V2_GET_LINE, struct);
    const held = struct.readInt32LE(588);
    expect(await kernel.ioctl(held, GPIO_V2_LINE_GET_VALUES, values({ bits: 0n, mask: 3n }))).toBe(0);
    expect(await kernel.ioctl(held, GPIO_V2_LINE_GET_VALUES, values({ bits: 0n, mask: 4n }))).toBe(-EINVAL);
    expect(await kernel.ioctl(held, GPIO_V2_LINE_SET_VALUES, values({ bits: 1n, mask: 1n }))).toBe(-EPERM);
    expect(await kernel.ioctl(held, GPIO_V2_GET_LINE, request({ offsets: [5] }))).toBe(-EINVAL);
    expect(await kernel.ioctl(chip, GPIO_V2_LINE_SET_VALUES, values({ bits: 1n, mask: 1n }))).toBe(-EINVAL);
    kernel.close(held);
    expect(await kernel.ioctl(held, GPIO_V2_LINE_GET_VALUES, values({ bits: 0n, mask: 1n }))).toBe(-EBADF);
  });
});

function transfer(address: bigint, bytes: number): Buffer {
  const struct = Buffer.alloc(32);
  struct.writeBigUInt64LE(address, 0);
  struct.writeUInt32LE(bytes, 16);
  return struct;
}

type Wish = { offsets: readonly number[]; flags?: bigint; attributes?: number; padding?: number };

function request({ offsets, flags = 8n, attributes = 0, padding = 0 }: Wish): Buffer {
  const struct = Buffer.alloc(592);
  for (const [at, offset] of offsets.slice(0, 64).entries()) struct.writeUInt32LE(offset, at * 4);
  struct.write('test', 256);
  struct.writeBigUInt64LE(flags, 288);
  struct.writeUInt32LE(attributes, 296);
  struct.writeUInt32LE(offsets.length, 560);
  struct.writeUInt32LE(padding, 584);
  return struct;
}

function values({ bits, mask }: { bits: bigint; mask: bigint }): Buffer {
  const struct = Buffer.alloc(16);
  struct.writeBigUInt64LE(bits, 0);
  struct.writeBigUInt64LE(mask, 8);
  return struct;
}

async function lineInfo(kernel: FakeKernel, chip: number, offset: number) {
  const struct = Buffer.alloc(256);
  struct.writeUInt32LE(offset, 64);
  expect(await kernel.ioctl(chip, GPIO_V2_GET_LINEINFO, struct)).toBe(0);
  const text = (at: number) => struct.toString('latin1', at, at + 32).replace(/\0+$/, '');
  return { name: text(0), consumer: text(32), flags: struct.readBigUInt64LE(72) };
}
