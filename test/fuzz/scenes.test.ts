import { expect, test } from 'vitest';
import { fuzzScenes } from './scene-fuzz.js';

test('a hundred scenes of each kind are drawn in their size, or refused by their path', async () => {
  await expect(fuzzScenes(100)).resolves.toBeUndefined();
}, 180_000);
