import { expect, test } from 'vitest';
import { unpackFrame } from '../../frame/pack.js';
import type { Picture } from '../../picture/picture.js';
import { dither } from '../dither.js';
import { searchGrey } from './search-grey.js';

const MONO = ['black', 'white'];
const GREYS = ['black', 'dark-grey', 'light-grey', 'white'];
const SIX = ['black', 'white', 'yellow', 'red', 'blue', 'green'];
/** Of ordinary glass: contrast 22:1, greys even in L*. */
const LIGHTS: Readonly<Record<string, number>> = { black: 0.045, 'dark-grey': 0.1856, 'light-grey': 0.4842, white: 1 };

/** Soft shapes with an edge and some grain. */
function picture(width = 160, height = 120): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const hill = 110 + 90 * Math.sin(x / 17) * Math.cos(y / 11);
    const value = Math.round((x > y ? hill : 255 - hill) + ((at * 7919) % 23) - 11);
    rgb.fill(Math.min(255, Math.max(0, value)), at * 3, at * 3 + 3);
  }
  return { width, height, rgb };
}

function flat(value: number, width = 96, height = 96): Picture {
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(value) };
}

/** The light to aim for, squeezed between black and white by its cube root. */
function aimsOf({ rgb }: Picture): number[] {
  const least = Math.cbrt(0.045);
  return Array.from({ length: rgb.length / 3 }, (_, at) => {
    const share = (rgb[at * 3] ?? 0) / 255;
    const light = share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    return (least + (1 - least) * Math.cbrt(light)) ** 3;
  });
}

/** Mean square of what is left of the error after the eye's blur, by a box passed three times over each axis. */
async function seenError(
  shown: Picture,
  inks: readonly string[],
  mode: 'normal' | 'best',
  width: number,
): Promise<number> {
  const levels = unpackFrame(await dither(shown, { inks, mode }));
  let errors = aimsOf(shown).map((aim, at) => (LIGHTS[inks[levels[at] ?? 0] ?? ''] ?? 0) - aim);
  for (const step of [1, 1, 1, shown.width, shown.width, shown.width]) {
    const before = errors;
    errors = before.map((_, at) => {
      let sum = 0;
      for (let near = -width; near <= width; near += 1) sum += before[at + near * step] ?? 0;
      return sum / (2 * width + 1);
    });
  }
  return errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
}

test.each([
  ['black and white', MONO, 0.8],
  ['four greys', GREYS, 0.7],
  ['four greys in another order', ['white', 'dark-grey', 'light-grey', 'black'], 0.7],
])('with %s the eye sees less error than after diffusion, near and far', async (_name, inks, share) => {
  for (const width of [1, 3]) {
    const normal = await seenError(picture(), inks, 'normal', width);
    expect(await seenError(picture(), inks, 'best', width), `${width} wide`).toBeLessThan(normal * share);
  }
});

// A search from up close alone takes the few white pixels out, because each of them is seen.
test.each([20, 45, 235, 250])('an even grey of %i keeps its light', async (value) => {
  const light = async (mode: 'normal' | 'best') => {
    const levels = unpackFrame(await dither(flat(value), { inks: MONO, mode }));
    return levels.reduce((sum, level) => sum + level, 0) / levels.length;
  };
  expect(Math.abs((await light('best')) - (await light('normal')))).toBeLessThan(0.012);
});

test('the same picture gives the same bytes, while others are searched too', async () => {
  const alone = await dither(picture(), { inks: GREYS, mode: 'best' });
  const [one, , two] = await Promise.all([
    dither(picture(), { inks: GREYS, mode: 'best' }),
    dither(flat(90), { inks: MONO, mode: 'best' }),
    dither(picture(), { inks: GREYS, mode: 'best' }),
  ]);
  expect([one, two]).toEqual([alone, alone]);
});

test.each([
  [1, 1],
  [1, 50],
  [50, 1],
  [3, 2],
])('a picture of %i x %i is searched to its edges', async (width, height) => {
  const { data } = await dither(flat(128, width, height), { inks: MONO, mode: 'best' });
  expect(data.length).toBe(Math.ceil(width / 8) * height);
});

test('coloured inks are diffused, and a picture in exactly the inks stays as it is', async () => {
  const colour = { inks: SIX, mode: 'best' } as const;
  expect(await dither(picture(), colour)).toEqual(await dither(picture(), { inks: SIX, mode: 'normal' }));
  const exact = { width: 64, height: 1, rgb: Uint8Array.from({ length: 192 }, (_, at) => (at % 96 < 3 ? 255 : 0)) };
  const { data } = await dither(exact, { inks: MONO, mode: 'best' });
  expect([...data]).toEqual([128, 0, 0, 0, 128, 0, 0, 0]);
});

test('a search that is given up rejects with the reason, in the middle of it', async () => {
  const leave = new AbortController();
  const size = { width: 400, height: 400 };
  const noise = Uint8Array.from({ length: 160_000 }, (_, at) => (at * 7919) % 2);
  const aims = new Float32Array(160_000).fill(0.5);
  const search = searchGrey({ ...size, aims, lights: [0.045, 1], levels: noise }, leave.signal);
  setImmediate(() => leave.abort(new RangeError('something newer')));
  await expect(search).rejects.toThrow('something newer');
  await expect(dither(picture(), { inks: MONO, mode: 'best', signal: leave.signal })).rejects.toThrow(
    'something newer',
  );
});

test('levels that are given are left as they are', async () => {
  const levels = new Uint8Array(100);
  const aims = new Float32Array(100).fill(0.5);
  const better = await searchGrey({ width: 10, height: 10, aims, lights: [0, 1], levels });
  expect(levels).toEqual(new Uint8Array(100));
  expect(better.reduce((sum, level) => sum + level, 0)).toBeGreaterThan(40);
});
