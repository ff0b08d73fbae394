import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsFor } from '../../frame/pack.js';
import { DitherPass } from '../pass.js';
import { inksOf } from '../profile.js';
import { PROFILES } from '../profiles.js';
import { tablesFor } from '../tables/tables-for.js';
import type { Kernel } from './kernel.js';
import { twinKernel } from './twin-kernel.js';
import { wasmKernels } from './wasm-kernel.js';

const BUILT = new URL('../../../dist/render/dither/kernel/kernel.wasm', import.meta.url);

type Given = {
  profile: (typeof PROFILES)[number];
  mode: 'stable' | 'normal';
  width: number;
  height: number;
  origin: { x: number; y: number };
  rowsAtOnce: number;
  seed: number;
  grain: number;
};

const given: fc.Arbitrary<Given> = fc.record({
  profile: fc.constantFrom(...PROFILES),
  mode: fc.constantFrom('stable' as const, 'normal' as const),
  width: fc.integer({ min: 1, max: 67 }),
  height: fc.integer({ min: 1, max: 41 }),
  origin: fc.record({ x: fc.integer({ min: -70, max: 4000 }), y: fc.integer({ min: -70, max: 4000 }) }),
  rowsAtOnce: fc.integer({ min: 1, max: 41 }),
  seed: fc.integer(),
  grain: fc.constantFrom(0, 5, 255),
});

/** Flat, grainy or wild pixels. */
function pixels({ width, height, seed, grain }: Given): Uint8Array {
  let state = seed | 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  };
  const base = [random(), random(), random()];
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    return Math.min(255, Math.max(0, (base[at % 3] ?? 0) + (random() / 255 - 0.5) * 2 * grain));
  });
}

async function packed(kernel: Kernel, what: Given, rowsAtOnce: number): Promise<Buffer> {
  const { profile, mode, width, height, origin } = what;
  const inks = inksOf(profile);
  const pass = new DitherPass({
    kernel,
    tables: await tablesFor(profile, profile.tone),
    kind: profile.kind,
    inkOrder: inks.map((_, ink) => ink),
    width,
    height,
    bitsPerPixel: bitsFor(inks.length),
    mode,
    origin,
  });
  const rgb = pixels(what);
  const parts: Uint8Array[] = [];
  for (let row = 0; row < height; row += rowsAtOnce) {
    parts.push(pass.push(rgb.subarray(row * width * 3, (row + rowsAtOnce) * width * 3)));
  }
  return Buffer.concat(parts);
}

test('WebAssembly and its twin give the same bytes, however many rows come at once', async () => {
  const wasm = wasmKernels(BUILT)?.();
  expect(wasm).toBeDefined();
  if (wasm === undefined) return;
  const twin = twinKernel();
  await fc.assert(
    fc.asyncProperty(given, async (what) => {
      const whole = await packed(twin, what, what.height);
      const stride = Math.ceil((what.width * bitsFor(inksOf(what.profile).length)) / 8);
      expect(whole.length).toBe(stride * what.height);
      expect(Buffer.compare(await packed(wasm, what, what.height), whole)).toBe(0);
      expect(Buffer.compare(await packed(wasm, what, what.rowsAtOnce), whole)).toBe(0);
      expect(Buffer.compare(await packed(twin, what, what.rowsAtOnce), whole)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('where the module is missing or cut short there is none, and the twin can serve', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'inklet-kernel-'));
  try {
    const file = pathToFileURL(path.join(dir, 'kernel.wasm'));
    expect(wasmKernels(file)).toBeUndefined();
    writeFileSync(file, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0));
    expect(wasmKernels(file)).toBeUndefined();
  } finally {
    rmSync(dir, { recursive: true });
  }
});
