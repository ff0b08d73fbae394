import sharp from 'sharp';
import { expect, test } from 'vitest';
import { Glass } from './glass.js';
import { GlassBorder } from './glass-border.js';
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
  expect(glass.shownAt(0, 0)).toBeCloseTo(0.4, 5);
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
  const { data, info } = await sharp(await glassPng(glass, { inks: ['black', 'white'] }))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([16, 2]);
  expect([data[0], data[8], data[16], data[24]]).toEqual([209, 215, 5, 215]);
});

test('the picture of the glass has its border only if that is asked for', async () => {
  const glass = newGlass();
  const ring = new GlassBorder({ random: () => 0, inkCount: 2 });
  ring.drive(1, { flash: true, progress: 1 });
  const { data, info } = await sharp(
    await glassPng(glass, { inks: ['black', 'white'], look: 'ideal', border: { ring, widthPx: 3 } }),
  )
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([22, 8]);
  const rows = Array.from({ length: 8 }, (_, y) => [...data.subarray(y * 22, y * 22 + 22)].map((shade) => shade / 255));
  const white = new Array<number>(22).fill(1);
  const picture = [1, 1, 1, ...row(), 1, 1, 1];
  expect(rows).toEqual([white, white, white, picture, picture, white, white, white]);
});

function row(): number[] {
  return [...new Array<number>(8).fill(0), ...new Array<number>(8).fill(1)];
}

test('coloured glass is drawn in ideal colours and in those that were measured', async () => {
  const inks = ['black', 'white', 'yellow', 'red', 'blue', 'green'];
  const glass = new Glass({ width: 6, height: 1, random: () => 0, inkCount: 6 });
  glass.drive({ x: 0, y: 0, width: 6, height: 1 }, (x) => x, { flash: true, progress: 1 });
  const pixels = async (look: 'ideal' | 'as-seen' | 'nominal'): Promise<number[]> => {
    const { data } = await sharp(await glassPng(glass, { inks, look }))
      .raw()
      .toBuffer({ resolveWithObject: true });
    return [...data.subarray(3 * 3, 5 * 3)];
  };
  expect(await pixels('ideal')).toEqual([255, 0, 0, 0, 0, 255]);
  expect(await pixels('as-seen')).toEqual([119, 12, 2, 0, 67, 137]);
  expect(await pixels('nominal')).toEqual([156, 72, 75, 61, 59, 94]);
});

test('coloured glass that was cut off is a jumble of inks, and keeps what is put back', () => {
  let chance = 0;
  const random = (): number => {
    chance = (chance + 0.37) % 1;
    return chance;
  };
  const glass = new Glass({ width: 8, height: 1, random, inkCount: 3 });
  glass.drive({ x: 0, y: 0, width: 8, height: 1 }, () => 2, { flash: true, progress: 0.5 });
  expect(new Set(glass.indexes()).size).toBeGreaterThan(1);
  glass.recall(Uint8Array.of(0, 1, 2, 0, 1, 2, 0, 1));
  expect([...glass.frame().data]).toEqual([0b00011000, 0b01100001]);
});
