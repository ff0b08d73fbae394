import type { Frame } from '../hardware/index.js';
import { RenderError } from './errors.js';
import type { RenderInput, RenderTarget } from './input.js';
import type { Rendered } from './rendered.js';

/**
 * Draws the input for the target, in this thread: the same input gives the same bytes in every process.
 * In a worker thread of one's own it needs `env: SHARE_ENV`; `startRenderer` sees to that.
 *
 * @throws `RenderError`, or the reason of the signal, and nothing else
 */
export async function renderInput(input: RenderInput, target: RenderTarget, signal?: AbortSignal): Promise<Rendered> {
  try {
    // Loaded with the first frame: a thread that leaves drawing to a worker is spared some 30 MB of drawing library.
    const { drawInput } = await import('./scene/draw-input.js');
    return await drawInput(input, target, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RenderError) throw error;
    throw new RenderError('render.failed', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The frame of `renderInput` alone. */
export async function renderFrame(input: RenderInput, target: RenderTarget): Promise<Frame> {
  return (await renderInput(input, target)).frame;
}
