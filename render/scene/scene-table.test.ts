import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ICON_NAMES } from '../icons/names.js';
import { readScene, renderInput } from '../index.js';
import { sceneTable } from './scene-table.js';

const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8');

test('the README names every element with its keys, and every icon', () => {
  // The formatter aligns the columns of a table.
  const plain = readme.replace(/ {2,}/g, ' ').replace(/-{3,}/g, '---');
  expect(plain).toContain(sceneTable());
  expect(readme).toContain(ICON_NAMES.map((name) => `\`${name}\``).join(', '));
});

test('the scene in the README is drawn without a warning', async () => {
  const [, json = ''] = /```json\n(\{\n {2}"version".*?)```/s.exec(readme) ?? [];
  const scene = readScene(JSON.parse(json));
  const { warnings } = await renderInput(
    { kind: 'scene', scene, assets: {} },
    { width: 800, height: 480, inks: ['black', 'white'] },
  );
  expect(warnings).toEqual([]);
});
