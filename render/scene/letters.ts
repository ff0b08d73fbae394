import type { Mask } from '../frame/mask.js';
import { keptRuns } from '../text/kept-runs.js';
import { layText } from '../text/lay-text.js';
import type { TextBlock } from '../text/text-block.js';

/** A text that is set: masks by their corner in its room. */
export type Letters = {
  width: number;
  height: number;
  sizePx: number;
  cut: boolean;
  missing: boolean;
  masks: readonly { mask: Mask; left: number; top: number }[];
};

const NO_LETTERS: Letters = { width: 0, height: 0, sizePx: 0, cut: false, missing: false, masks: [] };

/** Sets a text; where there is no room at all it has no letters, and is cut. */
export async function setLetters(block: TextBlock): Promise<Letters> {
  if (block.text === '') return NO_LETTERS;
  if (block.width < 1 || (block.height ?? 1) < 1) return { ...NO_LETTERS, cut: true };
  const { lines, width, height, sizePx, cut, missing } = await layText(block, keptRuns);
  const masks = lines.map(({ x, baselineY, run }) => {
    return { mask: run.mask, left: Math.round(x + run.left), top: Math.round(baselineY + run.top) };
  });
  return { width: Math.ceil(width), height: Math.ceil(height), sizePx, cut, missing, masks };
}
