import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyScene } from '../../test/support/scenes.js';
import type { Box } from '../frame/box.js';
import { elementOf } from './element.js';
import { type Layout, layOut, type Placed } from './layout.js';
import { readScene } from './read-scene.js';
import type { Leaves } from './sizes.js';

const SHEET = { x: 0, y: 0, width: 400, height: 300 };

/** Letters of 10 x 20 pixels, in lines of whole letters; anything else is 16 pixels on a side. */
const LETTERS: Leaves = {
  width: async ({ node }, room, wish) => {
    if (node.type !== 'text') return 16;
    return wish === 'least' ? Math.min(10, node.text.length * 10) : Math.min(room.width, node.text.length * 10);
  },
  height: async ({ node }, width) => {
    if (node.type !== 'text') return 16;
    return 20 * Math.ceil((node.text.length * 10) / Math.max(10, width));
  },
};

async function lay(root: unknown, sheet: Box = SHEET): Promise<Layout> {
  return await layOut(elementOf(readScene({ version: 1, root }).root), sheet, LETTERS);
}

/** Boxes of the children of the root, as `x y width height`. */
async function boxes(root: unknown, sheet: Box = SHEET): Promise<string[]> {
  return (await lay(root, sheet)).root.children.map(
    ({ box: { x, y, width, height } }) => `${x} ${y} ${width} ${height}`,
  );
}

function text(letters: number, more: object = {}) {
  return { type: 'text', text: 'x'.repeat(letters), size: 20, ...more };
}

function isInside(inner: Box, outer: Box): boolean {
  const { x, y, width, height } = inner;
  return x >= outer.x && y >= outer.y && x + width <= outer.x + outer.width && y + height <= outer.y + outer.height;
}

function check({ element, box, children }: Placed): void {
  for (const [at, child] of children.entries()) {
    expect(Object.values(child.box).every((side) => Number.isInteger(side) && side >= 0)).toBe(true);
    expect(isInside(child.box, box), `${child.element.path} in its parent`).toBe(true);
    const next = children[at + 1]?.box;
    const { type } = element.node;
    if (next !== undefined && type === 'row') expect(next.x).toBeGreaterThanOrEqual(child.box.x + child.box.width);
    if (next !== undefined && type === 'column') expect(next.y).toBeGreaterThanOrEqual(child.box.y + child.box.height);
    check(child);
  }
}

test('whatever the scene, children lie inside their parent, and never over each other in a row or column', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyScene,
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 1, max: 900 }),
      async (json, width, height) => {
        const { root } = await layOut(elementOf(readScene(json).root), { x: 0, y: 0, width, height }, LETTERS);
        check(root);
      },
    ),
    { numRuns: 400 },
  );
});

test('a row that grows is filled to the last pixel', async () => {
  const weights = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(weights, fc.integer({ min: 100, max: 801 }), fc.nat(4), async (grows, width, gap) => {
      const children = grows.map((grow) => text(1, { grow }));
      const { root } = await lay({ type: 'row', gap, children }, { ...SHEET, width });
      const taken = root.children.reduce((sum, { box }) => sum + box.width, gap * (grows.length - 1));
      expect(taken).toBe(width);
    }),
  );
});

test('a column stacks what its children would like, and stretches them across', async () => {
  expect(await boxes({ type: 'column', gap: 5, padding: 10, children: [text(3), text(80)] })).toEqual([
    '10 10 380 20',
    '10 35 380 60',
  ]);
});

test('a row gives each child its width, and what is left to the one that grows', async () => {
  expect(await boxes({ type: 'row', gap: 10, children: [text(4), text(2, { grow: 1 }), text(3)] })).toEqual([
    '0 0 40 300',
    '50 0 310 300',
    '370 0 30 300',
  ]);
});

test('align and justify place children that are smaller than the room', async () => {
  const children = [text(2), text(4)];
  expect(await boxes({ type: 'row', align: 'centre', justify: 'end', children })).toEqual([
    '340 140 20 20',
    '360 140 40 20',
  ]);
  expect(await boxes({ type: 'row', align: 'end', justify: 'between', children })).toEqual([
    '0 280 20 20',
    '360 280 40 20',
  ]);
  expect(await boxes({ type: 'column', align: 'start', justify: 'centre', children })).toEqual([
    '0 130 20 20',
    '0 150 40 20',
  ]);
  expect(await boxes({ type: 'stack', align: 'centre', children })).toEqual(['190 140 20 20', '180 140 40 20']);
});

test('a child may align itself', async () => {
  const children = [text(2, { alignSelf: 'end' }), text(4)];
  expect(await boxes({ type: 'column', align: 'start', children })).toEqual(['380 0 20 20', '0 20 40 20']);
});

test('lengths are pixels, shares of the parent or shares of the sheet', async () => {
  const children = [text(1, { width: '25%', height: '50%' }), text(1, { width: '10u' }), text(1, { minWidth: 70 })];
  expect(await boxes({ type: 'row', padding: '10u', children })).toEqual([
    '30 30 85 120',
    '115 30 30 240',
    '145 30 70 240',
  ]);
});

test('a line is level in a column and upright in a row', async () => {
  const line = { type: 'line' };
  expect(await boxes({ type: 'column', align: 'start', children: [line] })).toEqual(['0 0 400 16']);
  expect(await boxes({ type: 'row', align: 'start', children: [line] })).toEqual(['0 0 16 300']);
});

test('a picture takes the room that its parent has left', async () => {
  const picture = { type: 'image', asset: 'a' };
  expect(await boxes({ type: 'column', align: 'centre', children: [text(4), picture] })).toEqual([
    '180 0 40 20',
    '0 20 400 280',
  ]);
  expect(await boxes({ type: 'row', children: [{ ...picture, width: 100 }, text(2)] })).toEqual([
    '0 0 100 300',
    '100 0 20 300',
  ]);
});

test('columns of a table are as wide as their widest cell, and rows as high as their highest', async () => {
  const table = {
    type: 'table',
    size: 20,
    gap: 10,
    rowGap: 2,
    columns: [{}, { grow: 1 }, { width: 50 }],
    header: ['Line', 'To'],
    rows: [
      ['7', 'y'.repeat(40), '12:00'],
      ['7777', 'Harbour', '12:00 and on'],
    ],
  };
  expect(await boxes(table)).toEqual([
    ...['0 0 40 20', '50 0 290 20', '350 0 50 20'],
    ...['0 22 40 40', '50 22 290 40', '350 22 50 40'],
    ...['0 64 40 60', '50 64 290 60', '350 64 50 60'],
  ]);
});

test('what does not fit is made smaller and told with its path and its side', async () => {
  const { root, shortages } = await lay({ type: 'row', children: [text(1, { width: 300 }), text(1, { width: 300 })] });
  expect(root.children.map(({ box }) => box.width)).toEqual([200, 200]);
  expect(shortages).toEqual([
    { path: 'root.children[0]', side: 'width', neededPx: 300, givenPx: 200 },
    { path: 'root.children[1]', side: 'width', neededPx: 300, givenPx: 200 },
  ]);
});

test('long text gives way before short text is squeezed', async () => {
  expect(await boxes({ type: 'row', children: [text(10, { width: 100 }), text(90)] })).toEqual([
    '0 0 100 300',
    '100 0 300 300',
  ]);
});

test('a table row with more cells than columns is refused by its path', async () => {
  const table = { type: 'table', size: 20, columns: [{}], rows: [['a'], ['a', 'b']] };
  await expect(lay({ type: 'box', child: table })).rejects.toThrow('root.child.rows[1]: 2 cells');
});

test('two thousand nodes, 24 deep, are laid out at once', async () => {
  let root: unknown = text(3);
  for (let depth = 1; depth < 23; depth += 1) {
    const rest = Array.from({ length: 80 }, () => text(3));
    root = { type: depth % 2 === 0 ? 'row' : 'column', align: 'start', children: [root, ...rest] };
  }
  let asked = 0;
  const counting: Leaves = {
    width: (...question) => LETTERS.width(...question),
    height: (...question) => {
      asked += 1;
      return LETTERS.height(...question);
    },
  };
  await layOut(elementOf(readScene({ version: 1, root }).root), SHEET, counting);
  expect(asked).toBeLessThan(200_000);
});
