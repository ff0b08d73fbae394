import { packFrame } from '../frame/pack.js';
import type { RenderInput, RenderTarget } from '../input.js';
import { prepareDrawing } from '../prepare.js';
import type { Rendered } from '../rendered.js';
import { drawBound } from './bound.js';
import { drawClaimCode } from './claim-code.js';
import { drawScene } from './draw-scene.js';
import { drawIdentify } from './identify.js';
import { drawPage } from './page.js';

/** What the input shows on the target. */
export async function drawInput(input: RenderInput, target: RenderTarget): Promise<Rendered> {
  await prepareDrawing();
  if (input.kind === 'scene') return await drawScene(input.scene, input.assets, target);
  const indexes = await drawScreen(input, target);
  return { frame: packFrame(indexes, target.width, target.height, target.inks.length), warnings: [] };
}

async function drawScreen(input: Exclude<RenderInput, { kind: 'scene' }>, target: RenderTarget): Promise<Uint8Array> {
  switch (input.kind) {
    case 'page':
      return await drawPage(input.page, target);
    case 'claim-code':
      return await drawClaimCode(input, target);
    case 'identify':
      return await drawIdentify(input, target);
    case 'bound':
      return await drawBound(input, target);
  }
}
