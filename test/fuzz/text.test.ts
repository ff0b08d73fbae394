import { beforeAll, test } from 'vitest';
import { prepareDrawing } from '../../render/prepare.js';
import { layAnyText } from './any-text.js';

beforeAll(() => prepareDrawing());

test('100 texts that nobody would write lie in their room', { timeout: 120_000 }, async () => {
  await layAnyText(100);
});
