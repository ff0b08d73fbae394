import { expect, test } from 'vitest';
import { readScene } from './read-scene.js';
import { SCENE_LIMITS } from './values.js';

const TEXT = { type: 'text', text: 'Bread', size: 20 };

function row(...children: unknown[]) {
  return { type: 'row', children };
}

function nested(depth: number): unknown {
  let node: unknown = TEXT;
  for (let level = 1; level < depth; level += 1) node = row(node);
  return node;
}

test('a scene that keeps to the schema is read as it is written', () => {
  const scene = { version: 1, theme: 'dark', root: row(TEXT, { type: 'box', border: '1u', child: TEXT }) };
  expect(readScene(scene)).toEqual(scene);
});

test.each([
  ['root.children[2].size', row(TEXT, TEXT, { ...TEXT, size: -1 })],
  ['root.size: a length is', { ...TEXT, size: '4px' }],
  ['root.size.max: a length is', { ...TEXT, size: { min: 4, max: '1%%' } }],
  ['root.children[0].child.type', row({ type: 'box', child: { type: 'video' } })],
  ['root.rows[0][1].text', { type: 'table', size: 9, columns: [{}], rows: [['a', { ...TEXT, text: 1 }]] }],
  ['root: Unrecognized key: "colour"', { ...TEXT, colour: 'red' }],
  ['root.ink', { ...TEXT, ink: 'mauve' }],
  ['root.values[1]', { type: 'chart', kind: 'bars', values: [1, Number.NaN] }],
  ['root: ', undefined],
])('what is wrong is named by its path: %s', (path, root) => {
  const bad = expect.objectContaining({ code: 'render.bad-scene', message: expect.stringContaining(path) });
  expect(() => readScene({ version: 1, root })).toThrow(bad);
});

test.each([
  ['the scene', null],
  ['the scene', [1]],
  ['version', { version: 2, root: TEXT }],
  ['lang', { version: 1, lang: 'x'.repeat(30), root: TEXT }],
])('so is what is wrong outside of the root: %s', (path, json) => {
  expect(() => readScene(json)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(new RegExp(`^${path}: `)) }),
  );
});

test('a scene nested as deep as allowed is read, and a hundred thousand levels are refused without a crash', () => {
  expect(() => readScene({ version: 1, root: nested(SCENE_LIMITS.depth) })).not.toThrow();
  for (const depth of [SCENE_LIMITS.depth + 1, 100_000]) {
    expect(() => readScene({ version: 1, root: nested(depth) })).toThrow(/deeper than 24 nodes/);
  }
});

test('a scene that holds itself is refused', () => {
  const self = row();
  self.children.push(self);
  expect(() => readScene({ version: 1, root: self })).toThrow(/deeper than 24 nodes/);
});

test('too many nodes and too many letters are refused, with the limit', () => {
  const many = (count: number, node: unknown) => ({
    version: 1,
    root: row(...Array.from({ length: count }, () => node)),
  });
  expect(() => readScene(many(SCENE_LIMITS.nodes - 1, TEXT))).not.toThrow();
  expect(() => readScene(many(SCENE_LIMITS.nodes, TEXT))).toThrow(/more than 2000 nodes/);
  const long = { ...TEXT, text: 'a'.repeat(SCENE_LIMITS.letters) };
  expect(() => readScene(many(11, long))).toThrow(/more than 200000 letters/);
  expect(() => readScene({ version: 1, root: { ...TEXT, text: 'a'.repeat(1_000_000) } })).toThrow(/letters in all/);
});
