import type { RenderInput, RenderTarget } from '../input.js';
import { prepareDrawing } from '../prepare.js';
import { drawBound } from './bound.js';
import { drawClaimCode } from './claim-code.js';
import { drawIdentify } from './identify.js';
import { drawPage } from './page.js';

/** One ink index per pixel of what the input shows. */
export async function drawInput(input: RenderInput, target: RenderTarget): Promise<Uint8Array> {
  await prepareDrawing();
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
