import fc from 'fast-check';
import sharp from 'sharp';
import { expect } from 'vitest';
import { RenderError, type RenderTarget, readScene, renderInput } from '../../render/index.js';
import { anyScene } from '../support/scenes.js';

const SIX = ['black', 'white', 'yellow', 'red', 'blue', 'green'];
const TARGETS: readonly RenderTarget[] = [
  { width: 122, height: 250, inks: SIX.slice(0, 2), ppi: 130, viewingDistanceMm: 600 },
  { width: 400, height: 300, inks: ['black', 'dark-grey', 'light-grey', 'white'] },
  { width: 480, height: 401, inks: SIX },
];
/** What a scene that keeps to the schema may still be refused with; each names the path. */
const REFUSALS = new Set(['render.bad-scene', 'render.qr-too-long']);
const PATH = /^(?:root|version|theme|lang|the scene)\b/;

const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#806040' } })
  .png()
  .toBuffer();

const target = fc.constantFrom(...TARGETS);

/** A scene with one value replaced by something else, or with a key more. */
const mutated = fc
  .tuple(anyScene, fc.nat(), fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e308, '', '1e9%', null, [], {})))
  .map(([scene, at, other]) => mutate(scene, at, other));

const anyJson = fc.oneof(
  fc.jsonValue(),
  fc.jsonValue().map((root) => ({ version: 1, root })),
  fc.record({
    version: fc.constant(1),
    root: fc.record({ type: fc.constantFrom('row', 'text', 'table'), children: fc.jsonValue() }),
  }),
);

/**
 * Draws so many scenes of each kind: sound ones, sound ones with one thing wrong, and any JSON at all. Each is drawn in
 * its size, or refused by its path.
 */
export async function fuzzScenes(numRuns: number): Promise<void> {
  for (const scenes of [anyScene, mutated, anyJson]) {
    await fc.assert(
      fc.asyncProperty(scenes, target, async (json, panel) => {
        await drawOrRefuse(json, panel);
      }),
      { numRuns },
    );
  }
}

async function drawOrRefuse(json: unknown, panel: RenderTarget): Promise<void> {
  try {
    const input = { kind: 'scene', scene: readScene(json), assets: { picture } } as const;
    const { frame, warnings } = await renderInput(input, panel);
    const { width, height } = panel;
    const bits = panel.inks.length <= 2 ? 1 : panel.inks.length <= 4 ? 2 : 4;
    expect(frame).toMatchObject({ width, height, bitsPerPixel: bits });
    expect(frame.data.length).toBe(Math.ceil((width * bits) / 8) * height);
    for (const { path } of warnings) expect(path).toMatch(PATH);
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    expect(REFUSALS, error.stack).toContain(error.code);
    expect(error.message).toMatch(PATH);
  }
}

/** Replaces the value that is so many steps into the JSON. */
function mutate(json: unknown, at: number, other: unknown): unknown {
  const paths = pathsOf(json, []);
  const path = paths[at % paths.length] ?? [];
  return replaced(json, path, other);
}

type Path = readonly (string | number)[];

function pathsOf(json: unknown, path: Path): Path[] {
  if (typeof json !== 'object' || json === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(json) ? [...json.entries()] : Object.entries(json);
  return [path, ...entries.flatMap(([key, value]) => pathsOf(value, [...path, key]))];
}

function replaced(json: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(json)) return json.map((value: unknown, at) => (at === key ? replaced(value, rest, other) : value));
  if (typeof json !== 'object' || json === null) return other;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]: [string, unknown]) => [
      name,
      name === key ? replaced(value, rest, other) : value,
    ]),
  );
}
