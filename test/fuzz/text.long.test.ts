import { beforeAll, test } from 'vitest';
import { prepareDrawing } from '../../render/prepare.js';
import { layAnyText } from './any-text.js';

beforeAll(() => prepareDrawing());

test('2,000 texts that nobody would write lie in their room', async () => {
  await layAnyText(2_000);
});
