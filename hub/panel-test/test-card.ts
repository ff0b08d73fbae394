import type { Frame, PanelSpec } from '../../hardware/index.js';
import type { renderFrame } from '../../render/index.js';

/** What of a panel a card is made for. */
export type CardPanel = Pick<PanelSpec, 'name' | 'width' | 'height' | 'inks'>;

export type CardDeps = {
  panel: CardPanel;
  id: string;
  renderFrame: typeof renderFrame;
  packFrame: (indexes: Uint8Array, width: number, height: number, inkCount: number) => Frame;
  unpackFrame: (frame: Frame) => Uint8Array;
};

/** A card for every state of its counter, which is all in which they differ. */
export type TestCard = { withCount(count: number): Promise<Frame> };

type Rect = { x: number; y: number; width: number; height: number };

const LETTERING = ['black', 'white'];
const OUTER_LINE = 1;
const INNER_LINE_AT = 4;
const CORNER = 12;
const MARGIN = 16;
const GAP = 4;
/** Thresholds of a 4 x 4 ordered dither (Bayer, 1973), of 16. */
const BAYER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
const GREY_STEPS = [0, 4, 8, 12, 16];
/** So much text that it must be set small. */
const PIXELS_A_LETTER = 250;
const PANGRAM = 'Sphinx of black quartz, judge my vow. 0123456789. ';

/**
 * What shows at a glance whether a panel is wired and driven right: a line on its outermost pixels and one a little
 * further in, its corners told apart, each ink, steps of grey, small text, and a number to count refreshes with.
 * @throws RenderError
 */
export async function drawTestCard(deps: CardDeps): Promise<TestCard> {
  const { panel, id } = deps;
  const { width, height, inks } = panel;
  const canvas = new Canvas(panel);
  drawFrame(canvas, panel);
  const inner = { x: MARGIN, y: MARGIN, width: width - 2 * MARGIN, height: height - 2 * MARGIN };
  for (const [at, part] of columns(band(inner, 0, 0.2), inks.length).entries()) canvas.fill(part, () => at);
  for (const [at, part] of columns(band(inner, 0.2, 0.35), GREY_STEPS.length).entries()) {
    const step = GREY_STEPS[at] ?? 0;
    canvas.fill(part, (x, y) => ((BAYER[(y % 4) * 4 + (x % 4)] ?? 0) < step ? canvas.white : canvas.black));
  }
  const [words, counter] = halves(band(inner, 0.35, 1));
  const sentences = Math.ceil((words.width * words.height) / PIXELS_A_LETTER / PANGRAM.length);
  const text = `${panel.name} (${id}), ${width} x ${height}, ${inks.join(', ')}. ${PANGRAM.repeat(sentences)}`;
  await canvas.letter(words, text, deps);
  return {
    async withCount(count) {
      const card = canvas.copy();
      await card.letter(counter, `${count}`, deps);
      return deps.packFrame(card.indexes, width, height, inks.length);
    },
  };
}

function drawFrame(canvas: Canvas, { width, height }: CardPanel): void {
  for (const at of [0, INNER_LINE_AT]) {
    const outer = { x: at, y: at, width: width - 2 * at, height: height - 2 * at };
    canvas.fill(outer, () => canvas.black);
    canvas.fill(inset(outer, OUTER_LINE), () => canvas.white);
  }
  // One, two and three corners would look alike turned round; the top left one is the only full one.
  canvas.fill({ x: 0, y: 0, width: CORNER, height: CORNER }, () => canvas.black);
  canvas.fill({ x: width - CORNER, y: 0, width: CORNER, height: CORNER / 4 }, () => canvas.black);
  canvas.fill({ x: 0, y: height - CORNER, width: CORNER / 4, height: CORNER }, () => canvas.black);
}

/** One ink index per pixel. */
class Canvas {
  readonly indexes: Uint8Array;
  readonly black: number;
  readonly white: number;
  readonly #panel: CardPanel;

  constructor(panel: CardPanel, indexes?: Uint8Array) {
    this.#panel = panel;
    this.black = Math.max(0, panel.inks.indexOf('black'));
    this.white = Math.max(0, panel.inks.indexOf('white'));
    this.indexes = indexes ?? new Uint8Array(panel.width * panel.height).fill(this.white);
  }

  copy(): Canvas {
    return new Canvas(this.#panel, Uint8Array.from(this.indexes));
  }

  /** `ink` is asked with the place inside the rectangle. */
  fill({ x, y, width, height }: Rect, ink: (x: number, y: number) => number): void {
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        this.indexes[(y + row) * this.#panel.width + x + column] = ink(column, row);
      }
    }
  }

  /** Text as large as fits. */
  async letter(rect: Rect, text: string, { renderFrame, unpackFrame }: CardDeps): Promise<void> {
    const page = { title: null, text, align: 'start', qr: null, fit: 'fit', pictures: [] } as const;
    const target = { width: rect.width, height: rect.height, inks: LETTERING };
    const letters = unpackFrame(await renderFrame({ kind: 'page', page }, target));
    this.fill(rect, (x, y) => (letters[y * rect.width + x] === 0 ? this.black : this.white));
  }
}

function inset({ x, y, width, height }: Rect, by: number): Rect {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

function columns({ x, y, width, height }: Rect, count: number): Rect[] {
  const step = Math.floor((width + GAP) / count);
  return Array.from({ length: count }, (_, at) => ({ x: x + at * step, y, width: step - GAP, height }));
}

/** All of the width, and of the height the part between two shares. */
function band({ x, y, width, height }: Rect, from: number, to: number): Rect {
  const top = y + Math.floor(from * (height + GAP));
  return { x, y: top, width, height: y + Math.floor(to * (height + GAP)) - GAP - top };
}

/** The longer side is cut: render wants 64 pixels of either, which the smallest glass just has. */
function halves(rect: Rect): [Rect, Rect] {
  const { x, y, width, height } = rect;
  if (width <= height) return [band(rect, 0, 0.5), band(rect, 0.5, 1)];
  const half = Math.floor((width - GAP) / 2);
  return [
    { x, y, width: half, height },
    { x: x + half + GAP, y, width: half, height },
  ];
}
