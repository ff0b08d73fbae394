import type { Frame } from '../../hardware/index.js';
import { dither } from '../dither/dither.js';
import { profileIdsFor } from '../dither/profile.js';
import type { Box } from '../frame/box.js';
import { Sheet } from '../frame/sheet.js';
import type { RenderTarget } from '../input.js';
import { prepareDrawing } from '../prepare.js';
import { layText } from '../text/lay-text.js';
import { Runs } from '../text/runs.js';
import { samplePicture } from './sample-picture.js';

const LETTERS_OF_SIDE = 0.04;
const LEAST_LETTER_PX = 9;
const MOST_LETTER_PX = 28;
const LABEL_OF_LETTER = 1.6;
const INKS_OF_HEIGHT = 0.14;
const GAP_OF_LETTER = 0.6;
const USUAL = 'usual';

/**
 * Shows the inks as they are, and beneath them one and the same picture as each known profile of these inks dithers it,
 * under the profile's name: the one that looks right on the glass is the one to choose.
 *
 * @throws `RenderError`
 */
export async function drawCalibrationCard(
  target: Pick<RenderTarget, 'width' | 'height' | 'inks' | 'mode'>,
): Promise<Frame> {
  await prepareDrawing();
  const { width, height, inks } = target;
  const card = new Card(target);
  const { gap, label } = card;
  const swatches = Math.round(height * INKS_OF_HEIGHT);
  for (const [ink, box] of partsOf({ x: 0, y: 0, width, height: swatches + label }, inks.length, gap, true).entries()) {
    card.patch({ ...box, height: swatches }, ink);
    await card.write(inks[ink] ?? '', { ...box, y: swatches, height: label });
  }
  const names = profileIdsFor(inks);
  const shown = names.length === 0 ? [USUAL] : names;
  const top = swatches + label + gap;
  const room = { x: 0, y: top, width, height: height - top };
  for (const [at, box] of partsOf(room, shown.length, gap, width > height).entries()) {
    const name = shown[at] ?? USUAL;
    await card.write(name, { ...box, height: label });
    await card.sample({ ...box, y: box.y + label, height: box.height - label }, name);
  }
  return card.toFrame();
}

class Card {
  readonly gap: number;
  readonly label: number;
  readonly #target: Pick<RenderTarget, 'inks' | 'mode'>;
  readonly #sheet: Sheet;
  readonly #runs = new Runs();
  readonly #letterPx: number;

  constructor(target: Pick<RenderTarget, 'width' | 'height' | 'inks' | 'mode'>) {
    const side = Math.min(target.width, target.height);
    this.#target = target;
    this.#sheet = new Sheet(target);
    this.#letterPx = Math.round(Math.min(MOST_LETTER_PX, Math.max(LEAST_LETTER_PX, side * LETTERS_OF_SIDE)));
    this.label = Math.round(this.#letterPx * LABEL_OF_LETTER);
    this.gap = Math.round(this.#letterPx * GAP_OF_LETTER);
  }

  /** One ink inside a thin black line, so that white can be told from nothing. */
  patch(box: Box, ink: number): void {
    const { x, y, width, height } = box;
    this.#sheet.fill(box, this.#target.inks.indexOf('black'));
    this.#sheet.fill({ x: x + 1, y: y + 1, width: width - 2, height: height - 2 }, ink);
  }

  /** A line of text as large as a label is, or smaller where it would not fit. */
  async write(text: string, box: Box): Promise<void> {
    const { width, height } = box;
    const block = { text, width, height, wrap: false, maxLines: 1 };
    const asUsual = await layText({ ...block, size: this.#letterPx }, this.#runs);
    const size = { minPx: LEAST_LETTER_PX, maxPx: this.#letterPx };
    const { lines } = asUsual.cut ? await layText({ ...block, size }, this.#runs) : asUsual;
    const black = this.#target.inks.indexOf('black');
    for (const { x, baselineY, run } of lines) {
      this.#sheet.stamp(run.mask, box.x + x + run.left, box.y + baselineY + run.top, black, box);
    }
  }

  async sample({ x, y, width, height }: Box, name: string): Promise<void> {
    const { inks, mode = 'normal' } = this.#target;
    const profile = name === USUAL ? {} : { profile: name };
    this.#sheet.lay(await dither(samplePicture(width, height), { inks, mode, origin: { x, y }, ...profile }), x, y);
  }

  toFrame(): Frame {
    return this.#sheet.toFrame();
  }
}

/** Side by side, or one beneath the other, and as large as each other but for the pixels that cannot be shared. */
function partsOf({ x, y, width, height }: Box, count: number, gap: number, isAcross: boolean): Box[] {
  const length = (isAcross ? width : height) + gap;
  return Array.from({ length: count }, (_, at) => {
    const from = Math.round((at * length) / count);
    const size = Math.round(((at + 1) * length) / count) - gap - from;
    return isAcross ? { x: x + from, y, width: size, height } : { x, y: y + from, width, height: size };
  });
}
