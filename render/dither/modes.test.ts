import { expect, test } from 'vitest';
import { unpackFrame } from '../frame/pack.js';
import { type DitherOptions, dither } from './dither.js';
import { profileIdsFor } from './profile.js';

const MONO = ['black', 'white'];
const GREYS = ['black', 'dark-grey', 'light-grey', 'white'];
const SIX = ['black', 'white', 'yellow', 'red', 'blue', 'green'];

/** A slope of colours with something else in a corner. */
function slope(width: number, height: number, corner = 0) {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const x = Math.floor(at / 3) % width;
    const y = Math.floor(at / 3 / width);
    if (x < corner && y < corner) return 200 - x;
    return (40 + x * 2 + y * (1 + (at % 3))) % 256;
  });
  return { width, height, rgb };
}

async function drawn(picture: ReturnType<typeof slope>, options: DitherOptions): Promise<Uint8Array> {
  return unpackFrame(await dither(picture, options));
}

test.each([[MONO], [GREYS], [SIX]])(
  'with %j, a change elsewhere changes no pixel of a stable picture',
  async (inks) => {
    const before = await drawn(slope(90, 70), { inks, mode: 'stable' });
    const after = await drawn(slope(90, 70, 20), { inks, mode: 'stable' });
    const isOutside = (at: number) => at % 90 >= 20 || at >= 90 * 20;
    expect(after.filter((_, at) => isOutside(at))).toEqual(before.filter((_, at) => isOutside(at)));
    expect(after).not.toEqual(before);
  },
);

test.each([[MONO], [GREYS], [SIX]])(
  'with %j, a part of a stable sheet is drawn as the whole would be',
  async (inks) => {
    const whole = slope(90, 70);
    const [left, top, width, height] = [13, 9, 41, 30];
    const rgb = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y += 1) {
      const from = ((top + y) * 90 + left) * 3;
      rgb.set(whole.rgb.subarray(from, from + width * 3), y * width * 3);
    }
    const sheet = await drawn(whole, { inks, mode: 'stable', origin: { x: 100, y: 50 } });
    const part = await drawn({ width, height, rgb }, { inks, mode: 'stable', origin: { x: 100 + left, y: 50 + top } });
    const cut = sheet.filter((_, at) => {
      const [x, y] = [(at % 90) - left, Math.floor(at / 90) - top];
      return x >= 0 && x < width && y >= 0 && y < height;
    });
    expect(part).toEqual(cut);
  },
);

test('the inks may stand in any order: a pixel gets the same ink', async () => {
  const picture = slope(60, 40);
  const turned = [...SIX].reverse();
  const one = await drawn(picture, { inks: SIX });
  const other = await drawn(picture, { inks: turned });
  expect([...other].map((ink) => turned[ink])).toEqual([...one].map((ink) => SIX[ink]));
});

test('every measurement of the same inks draws otherwise', async () => {
  const picture = slope(60, 40);
  const ids = profileIdsFor(SIX);
  expect(ids).toEqual(['spectra6-aitjcize', 'spectra6-opendisplay', 'spectra6-spectro']);
  const drawings = await Promise.all(ids.map((profile) => drawn(picture, { inks: SIX, profile })));
  expect(new Set(drawings.map((indexes) => indexes.join())).size).toBe(ids.length);
  expect(drawings[0]).toEqual(await drawn(picture, { inks: SIX }));
});

test('a profile that is not one for the inks is refused with those that are', async () => {
  const refused = dither(slope(8, 8), { inks: MONO, profile: 'spectra6-spectro' });
  await expect(refused).rejects.toMatchObject({
    code: 'render.unknown-profile',
    message: expect.stringContaining('ordinary-mono'),
  });
});

test('inks in a combination that nobody measured are still drawn with', async () => {
  const inks = ['black', 'white', 'blue', 'orange'];
  const indexes = await drawn(slope(40, 40), { inks });
  expect(new Set(indexes).size).toBeGreaterThan(2);
});

// Without the slack in the shadows a picture of the night came out full of white dots.
test('a picture of the night stays dark', async () => {
  const night = { width: 80, height: 80, rgb: new Uint8Array(80 * 80 * 3).fill(12) };
  night.rgb.fill(200, 0, 30);
  const indexes = await drawn(night, { inks: MONO });
  expect(indexes.filter((ink) => ink === 1).length).toBeLessThan(80 * 80 * 0.03);
});

test.each(['stable', 'normal', 'best'] as const)('one pixel and thin pictures are drawn %s', async (mode) => {
  for (const [width, height] of [
    [1, 1],
    [1, 300],
    [300, 1],
    [7, 9],
  ] as const) {
    const packed = await dither(slope(width, height), { inks: SIX, mode });
    expect(packed.data.length).toBe(Math.ceil(width / 2) * height);
  }
});

test('a signal that has aborted is heard', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(dither(slope(8, 8), { inks: MONO, signal })).rejects.toThrow('enough');
});
