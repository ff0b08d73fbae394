import { test } from 'vitest';
import { renderMutatedPictures } from './mutated-pictures.js';

test('100 mutated pictures give a frame or a reason, and no memory is lost', { timeout: 120_000 }, async () => {
  await renderMutatedPictures(100);
});
