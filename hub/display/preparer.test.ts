import { expect, test } from 'vitest';
import { frameOf } from '../../hardware/index.js';
import type { RenderWarning } from '../../render/index.js';
import { Preparer } from './preparer.js';

const PAGE = { title: null, text: 'a', align: 'centre', qr: null, fit: 'fit', pictures: [] } as const;

test('what came out worse than it was asked for is logged with its presentation, and shown all the same', async () => {
  const lines: object[] = [];
  const warning: RenderWarning = {
    code: 'render.text-cut',
    path: 'root',
    message: 'does not fit 9 x 9 pixels and is cut',
  };
  const frame = frameOf(new Uint8Array(8), { width: 8, height: 8, inkCount: 2 });
  const preparer = new Preparer({
    renderer: {
      render: async (_input, _target, _signal, tell) => {
        tell?.(warning);
        return frame;
      },
    },
    target: { width: 8, height: 8, inks: ['black', 'white'] },
    frames: { put: async () => frame.sha256 },
    fetchPicture: async () => new Uint8Array(),
    clock: { now: () => 0 },
    log: { warn: (facts: object) => lines.push(facts) },
  });
  const prepared = await preparer.page({ ...PAGE, pictures: [] }, new AbortController().signal, 'p-1');
  expect(prepared).toMatchObject({ ok: true, frame });
  expect(lines).toEqual([{ presentationId: 'p-1', kind: 'page', ...warning }]);
});
