import { expect, test } from 'vitest';
import { profileIdsFor, renderCalibrationCard, unpackFrame } from '../index.js';

const MONO = ['black', 'white'];
const GREYS = ['black', 'dark-grey', 'light-grey', 'white'];
const SIX = ['black', 'white', 'yellow', 'red', 'blue', 'green'];

test.each([
  ['a 2.13" in portrait', 122, 250, MONO],
  ['a 2.13" in landscape', 250, 122, MONO],
  ['four greys', 400, 300, GREYS],
  ['six inks', 800, 480, SIX],
  ['a 13.3" in portrait', 1200, 1600, SIX],
  ['inks that no profile has', 296, 128, ['black', 'white', 'green']],
])('the card for %s holds every ink as it is', async (_name, width, height, inks) => {
  const frame = await renderCalibrationCard({ width, height, inks });
  expect(frame).toMatchObject({ width, height });
  const indexes = unpackFrame(frame);
  for (const ink of inks.keys()) {
    const x = Math.floor(((ink + 0.5) * width) / inks.length);
    expect(indexes[Math.floor(height * 0.07) * width + x]).toBe(ink);
  }
});

test('each profile of the inks has its part, and they differ', async () => {
  const [width, height] = [800, 480];
  const indexes = unpackFrame(await renderCalibrationCard({ width, height, inks: SIX }));
  const count = profileIdsFor(SIX).length;
  expect(count).toBeGreaterThan(2);
  const blues = Array.from({ length: count }, (_, at) => {
    const left = Math.round((at * width) / count);
    const part = Array.from({ length: (height - 150) * 200 }, (_, n) => {
      return indexes[(150 + Math.floor(n / 200)) * width + left + 20 + (n % 200)];
    });
    return part.filter((ink) => ink === SIX.indexOf('blue')).length;
  });
  expect(new Set(blues).size).toBe(count);
});

test('the same panel gets the same card', async () => {
  const target = { width: 250, height: 122, inks: MONO };
  expect(await renderCalibrationCard(target)).toEqual(await renderCalibrationCard(target));
});

test('a panel that nothing can be drawn for is refused', async () => {
  const refusal = { code: 'render.bad-target' };
  await expect(renderCalibrationCard({ width: 10, height: 10, inks: MONO })).rejects.toMatchObject(refusal);
  const unknown = { width: 200, height: 100, inks: ['black', 'white', 'mauve'] };
  await expect(renderCalibrationCard(unknown)).rejects.toMatchObject(refusal);
});
