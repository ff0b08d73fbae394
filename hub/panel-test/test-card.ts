import type { Frame, PanelSpec } from '../../hardware/index.js';
import type { renderFrame } from '../../render/index.js';
import { band, CardCanvas, columns, inset, type Rect, split } from './card-canvas.js';

export type CardDeps = {
  panel: Pick<PanelSpec, 'name' | 'width' | 'height' | 'inks' | 'grey'>;
  id: string;
  renderFrame: typeof renderFrame;
  packFrame: (indexes: Uint8Array, width: number, height: number, inkCount: number) => Frame;
  unpackFrame: (frame: Frame) => Uint8Array;
};

export type TestCard = {
  /** The card in the greys of the glass; undefined where it has none. */
  greys(): Promise<Frame | undefined>;
  /** A card for every state of its counter, which is all in which they differ. */
  withCount(count: number): Promise<Frame>;
};

const LETTERING = ['black', 'white'];
const OUTER_LINE = 1;
const INNER_LINE_AT = 4;
const CORNER = 12;
const MARGIN = 16;
/** render draws on no less, which the smallest glass just has. */
const LEAST_PAGE = 64;
/** Thresholds of a 4 x 4 ordered dither (Bayer, 1973), of 16. */
const BAYER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
/** So much text that it must be set small, and not so much that its end is cut. */
const PIXELS_A_LETTER = 130;
const MOST_SENTENCES = 20;
const PANGRAMS = [
  'Sphinx of black quartz, judge my vow.',
  'Pack my box with five dozen liquor jugs.',
  'The five boxing wizards jump quickly 0123456789 times.',
  'How vexingly quick daft zebras jump!',
];

/**
 * What shows at a glance whether a panel is wired and driven right: a line on its outermost pixels and one a little
 * further in, its corners told apart, each ink, steps of grey, small text, and a number to count refreshes with.
 * @throws RenderError
 */
export async function drawTestCard(deps: CardDeps): Promise<TestCard> {
  const { panel } = deps;
  const { width, height, inks, grey } = panel;
  const card = await drawCard(deps, inks);
  return {
    async greys() {
      if (grey === undefined) return undefined;
      const { canvas, counter } = await drawCard(deps, grey.inks);
      await letter(canvas, counter, { text: 'G', align: 'centre' }, deps);
      return deps.packFrame(canvas.indexes, width, height, grey.inks.length);
    },
    async withCount(count) {
      const canvas = card.canvas.copy();
      await letter(canvas, card.counter, { text: `${count}`, align: 'centre' }, deps);
      return deps.packFrame(canvas.indexes, width, height, inks.length);
    },
  };
}

async function drawCard(deps: CardDeps, inks: readonly string[]): Promise<{ canvas: CardCanvas; counter: Rect }> {
  const { panel, id } = deps;
  const { width, height } = panel;
  const canvas = new CardCanvas({ width, height, inks });
  drawFrame(canvas, panel);
  const inner = inset({ x: 0, y: 0, width, height }, MARGIN);
  for (const [at, part] of columns(band(inner, 0, 0.2), inks.length).entries()) canvas.box(part, () => at);
  drawGreys(canvas, band(inner, 0.2, 0.35), inks.includes('dark-grey') ? [0, 1, 2, 3] : [canvas.black, canvas.white]);
  const [words, counter] = split(band(inner, 0.35, 1), LEAST_PAGE);
  const text = wording(`${panel.name}, ${id}, ${width} x ${height}: ${inks.join(', ')}.`, words);
  await letter(canvas, words, { text, align: 'start' }, deps);
  return { canvas, counter };
}

function drawFrame(canvas: CardCanvas, { width, height }: Pick<PanelSpec, 'width' | 'height'>): void {
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

/** Steps from the darkest ink to the lightest; what lies between two inks is a dither of them. */
function drawGreys(canvas: CardCanvas, rect: Rect, darkestFirst: readonly number[]): void {
  const inkSteps = darkestFirst.length - 1;
  const count = inkSteps === 1 ? 5 : 2 * inkSteps + 1;
  for (const [at, part] of columns(rect, count).entries()) {
    const lightness = (at / (count - 1)) * inkSteps;
    const darker = Math.floor(lightness);
    const share = (lightness - darker) * BAYER.length;
    canvas.box(part, (x, y) => {
      const isLighter = (BAYER[(y % 4) * 4 + (x % 4)] ?? 0) < share;
      return darkestFirst[isLighter ? darker + 1 : darker] ?? canvas.white;
    });
  }
}

function wording(facts: string, { width, height }: Rect): string {
  const letters = Math.floor((width * height) / PIXELS_A_LETTER);
  let text = facts;
  for (let at = 0; at < MOST_SENTENCES; at += 1) {
    const longer = `${text} ${PANGRAMS[at % PANGRAMS.length]}`;
    if (longer.length > letters) return text;
    text = longer;
  }
  return text;
}

/** Text as large as fits. */
async function letter(
  canvas: CardCanvas,
  rect: Rect,
  { text, align }: { text: string; align: 'start' | 'centre' },
  { renderFrame, unpackFrame }: CardDeps,
): Promise<void> {
  const page = { title: null, text, align, qr: null, fit: 'fit', pictures: [] } as const;
  const target = { width: rect.width, height: rect.height, inks: LETTERING };
  const letters = unpackFrame(await renderFrame({ kind: 'page', page }, target));
  canvas.fill(rect, (x, y) => (letters[y * rect.width + x] === 0 ? canvas.black : canvas.white));
}
