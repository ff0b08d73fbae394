import { expect, test } from 'vitest';
import { lineRequest, lineValue, readChipInfo, readLineFd, readLineInfo, readLineValue, spiTransfer } from './abi.js';

/*
 * What a C program built against linux/gpio.h and linux/spi/spidev.h has in memory for the same contents, as the
 * bytes that are not zero with their offsets.
 */

test('a request for lines is the struct that a C program fills', () => {
  const struct = lineRequest(
    [
      { offset: 17, begin: 1 },
      { offset: 25, begin: 0 },
      { offset: 24, begin: 'input' },
      { offset: 18, begin: 1 },
    ],
    'inklet',
  );
  expect(struct.length).toBe(592);
  expect(notZero(struct)).toEqual([
    '0 11',
    '4 19',
    '8 18',
    '12 12',
    '256 696e6b6c6574',
    '288 08',
    '296 02',
    '320 01',
    '328 04',
    '336 04',
    '344 02',
    '352 09',
    '360 0b',
    '560 04',
  ]);
  struct.writeInt32LE(23, 588);
  expect(readLineFd(struct)).toBe(23);
});

test('the level of one line among those of a request', () => {
  expect(lineValue(3, 1).toString('hex')).toBe('08000000000000000800000000000000');
  expect(lineValue(3, 0).toString('hex')).toBe('00000000000000000800000000000000');
  expect(readLineValue(Buffer.from('08000000000000000800000000000000', 'hex'), 3)).toBe(1);
  expect(readLineValue(Buffer.from('f7ffffffffffffff0800000000000000', 'hex'), 3)).toBe(0);
});

test('what the kernel tells of a chip and of a line is read where it stands', () => {
  const chip = withBytes(68, { 0: '6770696f6368697030', 32: '70696e6374726c2d727031', 64: '36' });
  expect(readChipInfo(chip)).toEqual({ label: 'pinctrl-rp1', lines: 54 });
  const line = withBytes(256, { 0: '4750494f3137', 32: '7370693020435330', 64: '11', 72: '09' });
  expect(readLineInfo(line)).toEqual({ name: 'GPIO17', consumer: 'spi0 CS0', used: true });
});

test('a name that fills its field to the last byte has no end', () => {
  expect(readChipInfo(Buffer.alloc(68, 'x')).label).toBe('x'.repeat(32));
});

test('an SPI transfer is the struct that a C program fills', () => {
  const struct = spiTransfer({ address: 0x7f0012345678n, bytes: 4096, hz: 4_000_000 });
  expect(struct.toString('hex')).toBe('78563412007f000000000000000000000010000000093d000000080000000000');
});

function notZero(struct: Buffer): string[] {
  const runs = struct.toString('latin1').matchAll(/[^\0]+/g);
  return [...runs].map(({ index, 0: run }) => `${index} ${Buffer.from(run, 'latin1').toString('hex')}`);
}

function withBytes(size: number, bytes: Record<number, string>): Buffer {
  const struct = Buffer.alloc(size);
  for (const [at, hex] of Object.entries(bytes)) struct.write(hex, Number(at), 'hex');
  return struct;
}
