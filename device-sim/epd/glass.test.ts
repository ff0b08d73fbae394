import sharp from 'sharp';
import { expect, test } from 'vitest';
import { Glass } from './glass.js';
import { glassPng } from './glass-png.js';

const LEFT = { x: 0, y: 0, width: 8, height: 2 };

function newGlass(): Glass {
  const glass = new Glass({ width: 16, height: 2, random: () => 1 });
  glass.drive(LEFT, () => 0, { flash: true, progress: 1 });
  return glass;
}

test('what an observer reads off the glass is one ink per pixel, and the frame of these', () => {
  const glass = newGlass();
  expect([...glass.indexes()]).toEqual([...row(), ...row()]);
  expect([...glass.frame().data]).toEqual([0x00, 0xff, 0x00, 0xff]);
});

test('a refresh that is cut off leaves the pixels on their way', () => {
  const glass = newGlass();
  glass.drive(LEFT, () => 1, { flash: true, progress: 0.4 });
  expect(glass.lightnessAt(0, 0)).toBeCloseTo(0.4, 5);
  expect(glass.frame().data[0]).toBe(0x00);
});

test('four levels are told apart', () => {
  const glass = new Glass({ width: 4, height: 1, random: () => 0 });
  glass.drive({ x: 0, y: 0, width: 4, height: 1 }, (x) => x / 3, { flash: true, progress: 1 });
  expect([...glass.indexes(4)]).toEqual([0, 1, 2, 3]);
});

test('the picture of the glass has the shades of paper and shows a ghost', async () => {
  const glass = newGlass();
  glass.drive({ ...LEFT, height: 1 }, () => 1, { flash: false, progress: 1 });
  const { data, info } = await sharp(await glassPng(glass))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([16, 2]);
  expect([data[0], data[8], data[16], data[24]]).toEqual([209, 215, 5, 215]);
});

function row(): number[] {
  return [...new Array<number>(8).fill(0), ...new Array<number>(8).fill(1)];
}
