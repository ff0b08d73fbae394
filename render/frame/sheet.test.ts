import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpackFrame } from '../index.js';
import type { Box } from './box.js';
import { packFrame } from './pack.js';
import { Sheet } from './sheet.js';

const INKS = ['black', 'white', 'yellow', 'red', 'blue', 'green'];

/** A sheet of one byte per pixel: slow, and plain enough to be right. */
class Model {
  readonly pixels: number[];
  readonly #width: number;
  readonly #height: number;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.pixels = Array.from({ length: width * height }, () => 1);
  }

  put(box: Box, clip: Box | undefined, ink: (x: number, y: number) => number | undefined): void {
    for (let y = 0; y < box.height; y += 1) {
      for (let x = 0; x < box.width; x += 1) {
        const value = ink(x, y);
        const [left, top] = [box.x + x, box.y + y];
        const isOn = left >= 0 && top >= 0 && left < this.#width && top < this.#height;
        if (value !== undefined && isOn && isWithin(left, top, clip)) this.pixels[top * this.#width + left] = value;
      }
    }
  }
}

function isWithin(x: number, y: number, clip: Box | undefined): boolean {
  if (clip === undefined) return true;
  return x >= clip.x && y >= clip.y && x < clip.x + clip.width && y < clip.y + clip.height;
}

const place = fc.integer({ min: -30, max: 110 });
const side = fc.integer({ min: 0, max: 60 });
const box = fc.record({ x: place, y: place, width: side, height: side });
const step = fc.record({
  kind: fc.constantFrom('fill' as const, 'stamp' as const, 'lay' as const),
  box,
  clip: fc.option(box, { nil: undefined }),
  ink: fc.nat(),
  seed: fc.integer({ min: 1, max: 1 << 20 }),
});

test('filling, stamping and laying packed pixels give what a sheet of single pixels gives', () => {
  const size = fc.integer({ min: 64, max: 81 });
  fc.assert(
    fc.property(
      size,
      size,
      fc.constantFrom(2, 4, 6),
      fc.array(step, { maxLength: 8 }),
      (width, height, count, steps) => {
        const sheet = new Sheet({ width, height, inks: INKS.slice(0, count) });
        const model = new Model(width, height);
        for (const { kind, box, clip, ink: any, seed } of steps) {
          const ink = any % count;
          const noise = (x: number, y: number) => ((x * 31 + y * 17 + seed) * 2_654_435_761) >>> 16;
          const pixels = Array.from({ length: box.width * box.height }, (_, at) => {
            return noise(at % box.width, Math.floor(at / box.width));
          });
          if (kind === 'fill') {
            sheet.fill(box, ink, clip);
            model.put(box, clip, () => ink);
          } else if (kind === 'stamp') {
            const bits = packFrame(
              Uint8Array.from(pixels, (value) => value & 1),
              box.width,
              box.height,
              2,
            ).data;
            sheet.stamp({ width: box.width, height: box.height, bits }, box.x, box.y, ink, clip);
            model.put(box, clip, (x, y) => ((noise(x, y) & 1) === 1 ? ink : undefined));
          } else {
            const indexes = Uint8Array.from(pixels, (value) => value % count);
            sheet.lay(packFrame(indexes, box.width, box.height, count), box.x, box.y, clip);
            model.put(box, clip, (x, y) => noise(x, y) % count);
          }
        }
        const frame = sheet.toFrame();
        expect([...unpackFrame(frame)]).toEqual(model.pixels);
        // Bits that pad a row stay 0: they are part of what the frame is named by.
        expect(frame).toEqual(packFrame(Uint8Array.from(model.pixels), width, height, count));
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  { width: 63, height: 480, inks: ['black', 'white'] },
  { width: 800.5, height: 480, inks: ['black', 'white'] },
  { width: 800, height: 4097, inks: ['black', 'white'] },
  { width: 800, height: 480, inks: ['red', 'white'] },
  { width: 800, height: 480, inks: Array.from({ length: 17 }, (_, at) => ['black', 'white'][at] ?? `ink ${at}`) },
])('a sheet that no panel has is refused: %j', (target) => {
  expect(() => new Sheet(target)).toThrow(expect.objectContaining({ code: 'render.bad-target' }));
});

test('a frame does not change when drawing goes on', () => {
  const sheet = new Sheet({ width: 64, height: 64, inks: ['black', 'white'] });
  const frame = sheet.toFrame();
  sheet.fill(sheet.box, 0);
  expect(frame.data.every((byte) => byte === 0xff)).toBe(true);
});
