import type { Level } from '../ports.js';

/*
 * Structs of linux/gpio.h (uAPI v2, kernel 5.10 and later) and linux/spi/spidev.h. They were laid out so that 32-bit
 * and 64-bit systems agree; all that Node 20 runs on a Raspberry Pi is little endian. The numbers were printed by a C
 * program built against the headers: direction, size, type and number of the call.
 */

export const GPIO_GET_CHIPINFO = 0x8044b401;
export const GPIO_V2_GET_LINEINFO = 0xc100b405;
export const GPIO_V2_GET_LINE = 0xc250b407;
export const GPIO_V2_LINE_GET_VALUES = 0xc010b40e;
export const GPIO_V2_LINE_SET_VALUES = 0xc010b40f;
export const SPI_IOC_WR_MODE = 0x40016b01;
export const SPI_IOC_WR_BITS_PER_WORD = 0x40016b03;
export const SPI_IOC_WR_MAX_SPEED_HZ = 0x40046b04;
export const SPI_IOC_MESSAGE_1 = 0x40206b00;

export const SPI_MODE_0 = 0x00;
export const SPI_NO_CS = 0x40;

const NAME_BYTES = 32;
const CHIPINFO_BYTES = 68;
const LINEINFO_BYTES = 256;
const LINE_REQUEST_BYTES = 592;
const LINE_VALUES_BYTES = 16;
const SPI_TRANSFER_BYTES = 32;

const LINE_FLAG_USED = 1n << 0n;
const LINE_FLAG_INPUT = 1n << 2n;
const LINE_FLAG_OUTPUT = 1n << 3n;
const LINE_ATTR_FLAGS = 1;
const LINE_ATTR_OUTPUT_VALUES = 2;

/** A line of a request: an input, or an output and the level with which it begins. */
export type LineWish = { readonly offset: number; readonly begin: Level | 'input' };

export function chipInfo(): Buffer {
  return Buffer.alloc(CHIPINFO_BYTES);
}

export function readChipInfo(struct: Buffer): { label: string; lines: number } {
  return { label: readName(struct, NAME_BYTES), lines: struct.readUInt32LE(2 * NAME_BYTES) };
}

export function lineInfo(offset: number): Buffer {
  const struct = Buffer.alloc(LINEINFO_BYTES);
  struct.writeUInt32LE(offset, 2 * NAME_BYTES);
  return struct;
}

export function readLineInfo(struct: Buffer): { name: string; consumer: string; used: boolean } {
  const used = (struct.readBigUInt64LE(72) & LINE_FLAG_USED) !== 0n;
  return { name: readName(struct, 0), consumer: readName(struct, NAME_BYTES), used };
}

/** All lines in one request: the kernel gives all of them or none. */
export function lineRequest(lines: readonly LineWish[], consumer: string): Buffer {
  const struct = Buffer.alloc(LINE_REQUEST_BYTES);
  let inputs = 0n;
  let high = 0n;
  for (const [at, { offset, begin }] of lines.entries()) {
    struct.writeUInt32LE(offset, at * 4);
    if (begin === 'input') inputs |= 1n << BigInt(at);
    else if (begin === 1) high |= 1n << BigInt(at);
  }
  const outputs = ((1n << BigInt(lines.length)) - 1n) & ~inputs;
  struct.write(consumer, 256, NAME_BYTES - 1, 'latin1');
  struct.writeBigUInt64LE(LINE_FLAG_OUTPUT, 288);
  struct.writeUInt32LE(2, 296);
  writeAttribute(struct, 320, { id: LINE_ATTR_FLAGS, value: LINE_FLAG_INPUT, lines: inputs });
  writeAttribute(struct, 344, { id: LINE_ATTR_OUTPUT_VALUES, value: high, lines: outputs });
  struct.writeUInt32LE(lines.length, 560);
  return struct;
}

/** The file descriptor through which the granted lines are set and read. */
export function readLineFd(struct: Buffer): number {
  return struct.readInt32LE(588);
}

/** One line of a request, by its place in it. */
export function lineValue(place: number, level: Level = 0): Buffer {
  const struct = Buffer.alloc(LINE_VALUES_BYTES);
  const bit = 1n << BigInt(place);
  struct.writeBigUInt64LE(level === 1 ? bit : 0n, 0);
  struct.writeBigUInt64LE(bit, 8);
  return struct;
}

export function readLineValue(struct: Buffer, place: number): Level {
  return (struct.readBigUInt64LE(0) >> BigInt(place)) & 1n ? 1 : 0;
}

export function oneByte(value: number): Buffer {
  return Buffer.of(value);
}

export function fourBytes(value: number): Buffer {
  const struct = Buffer.alloc(4);
  struct.writeUInt32LE(value, 0);
  return struct;
}

/** One transfer that is a message of its own and reads nothing back. */
export function spiTransfer({ address, bytes, hz }: { address: bigint; bytes: number; hz: number }): Buffer {
  const struct = Buffer.alloc(SPI_TRANSFER_BYTES);
  struct.writeBigUInt64LE(address, 0);
  struct.writeUInt32LE(bytes, 16);
  struct.writeUInt32LE(hz, 20);
  struct.writeUInt8(8, 26);
  return struct;
}

function writeAttribute(struct: Buffer, at: number, attribute: { id: number; value: bigint; lines: bigint }): void {
  struct.writeUInt32LE(attribute.id, at);
  struct.writeBigUInt64LE(attribute.value, at + 8);
  struct.writeBigUInt64LE(attribute.lines, at + 16);
}

function readName(struct: Buffer, at: number): string {
  const name = struct.subarray(at, at + NAME_BYTES);
  const end = name.indexOf(0);
  return name.toString('latin1', 0, end === -1 ? NAME_BYTES : end);
}
