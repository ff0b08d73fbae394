import type { Frame } from '../../hardware/index.js';
import { RenderError } from '../errors.js';
import type { RenderTarget } from '../input.js';

/**
 * A card to compare the profiles of a panel's inks on its glass, in this thread: the inks as they are, and one picture
 * as each profile dithers it, under the profile's name.
 *
 * @throws `RenderError` and nothing else
 */
export async function renderCalibrationCard(
  target: Pick<RenderTarget, 'width' | 'height' | 'inks' | 'mode'>,
): Promise<Frame> {
  try {
    const { drawCalibrationCard } = await import('./draw-calibration-card.js');
    return await drawCalibrationCard(target);
  } catch (error) {
    if (error instanceof RenderError) throw error;
    throw new RenderError('render.failed', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
