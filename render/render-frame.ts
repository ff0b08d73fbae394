import type { Frame } from '../hardware/index.js';
import { RenderError } from './errors.js';
import { packFrame } from './frame/pack.js';
import type { RenderInput, RenderTarget } from './input.js';
import { prepareDrawing } from './prepare.js';
import { drawBound } from './scene/bound.js';
import { drawClaimCode } from './scene/claim-code.js';
import { drawIdentify } from './scene/identify.js';
import { drawPage } from './scene/page.js';

/**
 * Draws the input for the target, in this thread: the same input gives the same bytes in every process.
 * In a worker thread of one's own it needs `env: SHARE_ENV`; `startRenderer` sees to that.
 *
 * @throws `RenderError` and nothing else
 */
export async function renderFrame(input: RenderInput, target: RenderTarget): Promise<Frame> {
  try {
    await prepareDrawing();
    return packFrame(await draw(input, target), target.width, target.height, target.inks.length);
  } catch (error) {
    if (error instanceof RenderError) throw error;
    throw new RenderError('render.failed', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function draw(input: RenderInput, target: RenderTarget): Promise<Uint8Array> {
  switch (input.kind) {
    case 'page':
      return drawPage(input.page, target);
    case 'claim-code':
      return drawClaimCode(input, target);
    case 'identify':
      return drawIdentify(input, target);
    case 'bound':
      return drawBound(input, target);
  }
}
