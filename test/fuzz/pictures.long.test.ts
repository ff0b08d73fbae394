import { test } from 'vitest';
import { renderMutatedPictures } from './mutated-pictures.js';

test('2,000 mutated pictures give a frame or a reason, and no memory is lost', async () => {
  await renderMutatedPictures(2000);
});
