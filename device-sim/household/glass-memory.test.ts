import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from 'vitest';
import { until } from '../../test/support/products.js';
import { SimPanel } from '../epd/sim-panel.js';
import { VirtualClock } from '../virtual-clock.js';
import { GlassMemory } from './glass-memory.js';

const SIZE = { width: 64, height: 32 };
const WHOLE = { x: 0, y: 0, ...SIZE };

const test = base
  .extend('dir', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-glass-${task.id}-`));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('file', ({ dir }) => path.join(dir, 'glass', 'x.bin'))
  .extend('shown', () => {
    const panel = fresh();
    panel.glass.drive(WHOLE, (x, y) => (x + y) % 2, { flash: true, progress: 1 });
    return panel;
  });

test('a glass shows after a pause what it showed before', async ({ file, shown }) => {
  await new GlassMemory(file, shown).stop();
  const again = fresh();
  expect(again.glass.frame().sha256).not.toBe(shown.glass.frame().sha256);
  await new GlassMemory(file, again).recall();
  expect(again.glass.frame().sha256).toBe(shown.glass.frame().sha256);
});

test('what was kept at a change outlives a world that ends without a word', async ({ dir, file, shown }) => {
  const memory = new GlassMemory(file, shown);
  memory.keep();
  shown.glass.drive(WHOLE, () => 0, { flash: true, progress: 1 });
  memory.keep();
  await until(
    () => readFile(file),
    (bytes) => bytes.every((ink) => ink === 0),
  );
  const again = fresh();
  await new GlassMemory(file, again).recall();
  expect(again.glass.indexes().every((ink) => ink === 0)).toBe(true);
  expect(await readdir(path.join(dir, 'glass'))).toEqual(['x.bin']);
});

test('a file that cannot be written does no harm before the end, and is an error then', async ({ dir, shown }) => {
  await writeFile(path.join(dir, 'no folder'), '');
  const memory = new GlassMemory(path.join(dir, 'no folder', 'x.bin'), shown);
  memory.keep();
  await expect(memory.stop()).rejects.toMatchObject({ code: 'EEXIST' });
});

test('glass of another size, or none, is left as it came', async ({ dir, file }) => {
  const panel = fresh();
  const before = panel.glass.frame().sha256;
  await new GlassMemory(file, panel).recall();
  await writeFile(path.join(dir, 'other.bin'), Buffer.alloc(SIZE.width * SIZE.height + 1));
  await new GlassMemory(path.join(dir, 'other.bin'), panel).recall();
  expect(panel.glass.frame().sha256).toBe(before);
});

function fresh(): SimPanel {
  return new SimPanel({ ...SIZE, clock: new VirtualClock() });
}
