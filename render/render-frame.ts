import type { Frame } from '../hardware/index.js';
import { RenderError } from './errors.js';
import { packFrame } from './frame/pack.js';
import type { RenderInput, RenderTarget } from './input.js';

/**
 * Draws the input for the target, in this thread: the same input gives the same bytes in every process.
 * In a worker thread of one's own it needs `env: SHARE_ENV`; `startRenderer` sees to that.
 *
 * @throws `RenderError` and nothing else
 */
export async function renderFrame(input: RenderInput, target: RenderTarget): Promise<Frame> {
  try {
    // Loaded with the first frame: a thread that leaves drawing to a worker is spared some 30 MB of drawing library.
    const { drawInput } = await import('./scene/draw-input.js');
    return packFrame(await drawInput(input, target), target.width, target.height, target.inks.length);
  } catch (error) {
    if (error instanceof RenderError) throw error;
    throw new RenderError('render.failed', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
