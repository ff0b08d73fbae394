import { packFrame } from '../frame/pack.js';
import type { RenderInput, RenderTarget } from '../input.js';
import { prepareDrawing } from '../prepare.js';
import type { Rendered } from '../rendered.js';
import { buildScreen } from '../screens/build-screen.js';
import type { Assets } from '../screens/define-screen.js';
import { drawScene } from './draw-scene.js';
import { drawPage } from './page.js';

/** What the input shows on the target. */
export async function drawInput(input: RenderInput, target: RenderTarget): Promise<Rendered> {
  await prepareDrawing();
  switch (input.kind) {
    case 'scene':
      return await drawScene(input.scene, input.assets, target);
    case 'screen':
      return await drawScreen(input.name, input.data, target, input.assets);
    case 'page': {
      const indexes = await drawPage(input.page, target);
      return { frame: packFrame(indexes, target.width, target.height, target.inks.length), warnings: [] };
    }
    case 'claim-code':
    case 'identify':
    case 'bound': {
      const { kind, ...data } = input;
      return await drawScreen(kind, data, target);
    }
  }
}

async function drawScreen(name: string, data: unknown, target: RenderTarget, given?: Assets): Promise<Rendered> {
  const { scene, assets, unread } = buildScreen(name, data, target, given);
  const { frame, warnings } = await drawScene(scene, assets, target);
  if (unread === 0) return { frame, warnings };
  const message = `${unread} parts of the data could not be read`;
  return { frame, warnings: [...warnings, { code: 'render.data-unread', message, path: 'data' }] };
}
