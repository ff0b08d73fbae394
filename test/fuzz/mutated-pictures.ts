import fc from 'fast-check';
import { expect } from 'vitest';
import { RenderError, type RenderTarget, renderFrame } from '../../render/index.js';
import { redAndBlueFiles } from '../support/picture-formats.js';

type Edit =
  | { kind: 'flip'; at: number; bits: number }
  | { kind: 'cut'; at: number }
  | { kind: 'blank'; at: number; length: number; value: number }
  | { kind: 'repeat'; at: number; length: number }
  | { kind: 'splice'; at: number; other: number; from: number; length: number };

/** Of these a process is started for each; the others are read on the spot and come up eight times as often. */
const APART = /avif|tiff|svg/;
const ON_THE_SPOT_WEIGHT = 8;
const TARGETS: readonly RenderTarget[] = [
  { width: 160, height: 120, inks: ['black', 'white'] },
  { width: 122, height: 250, inks: ['black', 'dark-grey', 'light-grey', 'white'], mode: 'best' },
  { width: 200, height: 128, inks: ['black', 'white', 'yellow', 'red', 'blue', 'green'], mode: 'stable' },
];
const BITS_PER_PIXEL = [1, 2, 4];
/** Part of the runs after which everything that stays in memory is there. */
const WARM_UP_SHARE = 0.4;
const MOST_GROWTH_BYTES = 64 * 1024 * 1024;

/**
 * Renders so many pictures whose bytes were flipped, cut, blanked, repeated and spliced. Each gives a frame of the right
 * size or an error of render, and memory stays flat.
 */
export async function renderMutatedPictures(numRuns: number): Promise<void> {
  const files = Object.entries(await redAndBlueFiles());
  const pictures = fc.tuple(fileOf(files), fc.array(edit(files.length), { minLength: 1, maxLength: 6 }));
  let runs = 0;
  let warmBytes = 0;
  const holds = fc.asyncProperty(
    pictures,
    fc.nat(TARGETS.length - 1),
    fc.boolean(),
    async ([file, edits], at, fills) => {
      const bytes = edits.reduce((before, change) => edited(before, change, files), file);
      await renderOne(bytes, at, fills ? 'fill' : 'fit');
      runs += 1;
      if (runs === Math.ceil(numRuns * WARM_UP_SHARE)) warmBytes = process.memoryUsage.rss();
    },
  );
  await fc.assert(holds, { numRuns });
  expect(warmBytes).toBeGreaterThan(0);
  expect(process.memoryUsage.rss() - warmBytes).toBeLessThan(MOST_GROWTH_BYTES);
}

async function renderOne(picture: Uint8Array, at: number, fit: 'fit' | 'fill'): Promise<void> {
  const target = TARGETS[at] ?? { width: 8, height: 8, inks: ['black', 'white'] };
  const page = { title: null, text: null, align: 'centre', qr: null, fit, pictures: [picture] } as const;
  try {
    const { width, height, data } = await renderFrame({ kind: 'page', page }, target);
    expect({ width, height }).toEqual({ width: target.width, height: target.height });
    expect(data.length).toBe(Math.ceil((width * (BITS_PER_PIXEL[at] ?? 1)) / 8) * height);
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    // Whatever is in the file, it is the file that is to blame, and its reader says so.
    expect(error.code).toMatch(/^render\.picture-/);
  }
}

function fileOf(files: readonly (readonly [string, Buffer])[]): fc.Arbitrary<Buffer> {
  const weighed = files.map(([name, file]) => ({
    arbitrary: fc.constant(file),
    weight: APART.test(name) ? 1 : ON_THE_SPOT_WEIGHT,
  }));
  return fc.oneof(...weighed);
}

function edit(fileCount: number): fc.Arbitrary<Edit> {
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  const length = fc.integer({ min: 1, max: 64 });
  const flip: fc.Arbitrary<Edit> = fc.record({
    kind: fc.constant('flip'),
    // Headers are where a bit means the most.
    at: fc.oneof(
      at,
      at.map((share) => share / 8),
    ),
    bits: fc.integer({ min: 1, max: 255 }),
  });
  return fc.oneof(
    { arbitrary: flip, weight: 5 },
    fc.record({ kind: fc.constant('cut'), at }),
    fc.record({ kind: fc.constant('blank'), at, length, value: fc.constantFrom(0, 255) }),
    fc.record({ kind: fc.constant('repeat'), at, length }),
    fc.record({ kind: fc.constant('splice'), at, other: fc.nat(fileCount - 1), from: at, length }),
  );
}

function edited(bytes: Buffer, change: Edit, files: readonly (readonly [string, Buffer])[]): Buffer {
  const at = Math.floor(change.at * bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.kind) {
    case 'flip':
      return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ change.bits), after.subarray(1)]);
    case 'cut':
      return Buffer.from(before);
    case 'blank':
      return Buffer.concat([before, Buffer.alloc(change.length, change.value), after.subarray(change.length)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, change.length), after]);
    case 'splice': {
      const other = files[change.other]?.[1] ?? bytes;
      const from = Math.floor(change.from * other.length);
      return Buffer.concat([before, other.subarray(from, from + change.length), after]);
    }
  }
}
