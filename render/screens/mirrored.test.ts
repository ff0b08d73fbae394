import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { SceneNode } from '../scene/schema.js';
import { startsRightToLeft } from '../text/directions.js';
import { buildScreen } from './build-screen.js';
import { EXAMPLES_DIR } from './examples-dir.js';
import { SCREEN_NAMES } from './screens.js';

/** Prose keeps to the side of its own script. */
const PROSE: readonly string[] = ['note', 'quote', 'error', 'claim-code'];
const OTHERS = SCREEN_NAMES.filter((name) => !PROSE.includes(name));
const TARGET = { width: 800, height: 480, inks: ['black', 'white'] };

/** Texts below each other that begin at the left. */
function atTheLeft(node: SceneNode): string[] {
  if (node.type === 'box' || node.type === 'region') return node.child === undefined ? [] : atTheLeft(node.child);
  if (node.type !== 'row' && node.type !== 'column' && node.type !== 'stack') return [];
  const below = node.children.flatMap(atTheLeft);
  if (node.type !== 'column' || (node.align ?? 'stretch') !== 'stretch') return below;
  const own = node.children.flatMap((child) => {
    if (child.type !== 'text' || child.alignSelf !== undefined) return [];
    const { text, align = 'start' } = child;
    return align !== 'centre' && (align === 'start') !== startsRightToLeft(text) ? [text] : [];
  });
  return [...below, ...own];
}

// In Hebrew the temperature and the times of events stood at the far side of what they belong to.
test.each(OTHERS)('%s begins at the right in Hebrew, numbers and words of other scripts too', (name) => {
  const example = JSON.parse(readFileSync(path.join(EXAMPLES_DIR, `${name}.json`), 'utf8'));
  const data = { ...example, settings: { ...example.settings, locale: 'he-IL' } };
  expect(atTheLeft(buildScreen(name, data, TARGET).scene.root)).toEqual([]);
});
