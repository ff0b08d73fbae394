import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Figure, quantile } from '../figure.js';
import type { Workload } from './workload.js';

const run = promisify(execFile);
const ROUNDS = 7;
/** Debian's own, which `apt-get install python3-pil` serves. */
const PYTHON = '/usr/bin/python3';

/** What most e-paper projects do: open, fit, quantise to the palette with Floyd-Steinberg, pack. Prints ms per round. */
const SCRIPT = `
import json, sys, time
from PIL import Image, ImageOps
photo, width, height, colours, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4]), int(sys.argv[5])
palette = Image.new('P', (1, 1)); palette.putpalette(sum(colours, []) + colours[0] * (256 - len(colours)))
took = []
for _ in range(rounds + 1):
    began = time.perf_counter()
    image = Image.open(photo)
    image.draft('RGB', (width, height))
    image = ImageOps.fit(ImageOps.exif_transpose(image).convert('RGB'), (width, height))
    if len(colours) == 2:
        packed = image.convert('1').tobytes()
    else:
        data = image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).tobytes()
        if len(colours) == 4:
            packed = bytes(a << 6 | b << 4 | c << 2 | d for a, b, c, d in zip(data[::4], data[1::4], data[2::4], data[3::4]))
        else:
            packed = bytes(a << 4 | b for a, b in zip(data[::2], data[1::2]))
    took.append((time.perf_counter() - began) * 1000)
print(json.dumps(took[1:]))
`;

const COLOURS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  2: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  4: [0, 85, 170, 255].map((level) => [level, level, level]),
  6: [
    [0, 0, 0],
    [255, 255, 255],
    [255, 255, 0],
    [255, 0, 0],
    [0, 0, 255],
    [0, 255, 0],
  ],
};

/** Pillow's way from the same file to a packed frame, if it is installed. */
export async function benchPillow(
  { photo, width, height, inks }: Pick<Workload, 'photo' | 'width' | 'height' | 'inks'>,
  oursP50: number,
): Promise<Figure> {
  const colours = JSON.stringify(COLOURS[inks.length]);
  const args = ['-c', SCRIPT, photo, String(width), String(height), colours, String(ROUNDS)];
  try {
    const { stdout } = await run(PYTHON, args);
    const p50 = quantile(JSON.parse(stdout), 0.5);
    return { pillowP50: p50, oursToPillow: Math.round((oursP50 / p50) * 100) / 100 };
  } catch {
    return { pillowP50: null };
  }
}
