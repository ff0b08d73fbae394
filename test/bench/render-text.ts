import sharp from 'sharp';
import { type PageContent, type RenderInput, renderInput, type SceneNode } from '../../render/index.js';
import { type Figure, quantile } from './figure.js';

const GLASS = { width: 800, height: 480, inks: ['black', 'white'] } as const;
const WARM_UP = 25;
const ROUNDS = 60;
const CELLS = { columns: 4, rows: 9 } as const;
const RUNS = CELLS.columns * CELLS.rows;
const CHANGED_RUNS = 5;
/** Lengths of the words of a message of 54 characters. */
const WORDS = [5, 5, 2, 6, 4, 2, 3, 2, 2, 4, 5] as const;

/** From the words of a household to the named frame of its panel, beside one plain call of the library that draws them. */
export async function benchRenderText(): Promise<Figure[]> {
  // Before any other text: it sets the fonts up.
  await draw(message(0));
  const yardstickMs = await medianMs(async () => {
    await sharp({ text: { text: 'Hello', font: 'Inter 16', dpi: 72 } })
      .extractChannel(0)
      .raw()
      .toBuffer();
  });
  const figure = async (what: string, aimMs: number, input: (round: number) => RenderInput): Promise<Figure> => {
    const ms = await medianMs((round) => draw(input(round)));
    return { what, unit: 'ms', ms, aimMs, yardstickMs, ratio: quantile([ms / yardstickMs], 0) };
  };
  return [
    await figure('message, no word drawn before', 6, (round) => message(round + 1)),
    await figure('message, cached', 1.3, () => message(0)),
    await figure(`dashboard of ${RUNS} runs, all new`, 25, (round) => dashboard(round, RUNS)),
    await figure(`dashboard of ${RUNS} runs, ${CHANGED_RUNS} changed`, 3, (round) =>
      // Numbers that the dashboards before did not show.
      dashboard(1_000 + round, CHANGED_RUNS),
    ),
  ];
}

async function medianMs(work: (round: number) => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const start = performance.now();
    await work(round);
    if (round >= WARM_UP) samples.push(performance.now() - start);
  }
  return quantile(samples, 0.5);
}

async function draw(input: RenderInput): Promise<void> {
  const { frame, warnings } = await renderInput(input, GLASS);
  if (frame.sha256 === '' || warnings.length > 0) process.exitCode = 1;
}

/** As the hub asks for it. */
function message(round: number): RenderInput {
  const text = WORDS.map((letters, at) => wordOf(round * WORDS.length + at, letters)).join(' ');
  const page: PageContent = { title: null, text, align: 'centre', qr: null, fit: 'fit', pictures: [] };
  return { kind: 'page', page };
}

/** Letters that another seed does not give in the same order, unless there are two. */
function wordOf(seed: number, letters: number): string {
  let state = seed + 1;
  return Array.from({ length: letters }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (state % 26));
  }).join('');
}

/** Rows of four; the first `fresh` texts differ from round to round. */
function dashboard(round: number, fresh: number): RenderInput {
  const texts = Array.from({ length: RUNS }, (_, at): SceneNode => {
    const text = at < fresh ? `${at}: ${round} km/h` : `Row ${at} stays`;
    return { type: 'text', text, size: 14 + 4 * (at % 5), bold: at % 2 === 0, tabular: at % 3 === 0, width: '25%' };
  });
  const children = Array.from({ length: CELLS.rows }, (_, row): SceneNode => {
    return { type: 'row', grow: 1, children: texts.slice(row * CELLS.columns, (row + 1) * CELLS.columns) };
  });
  return { kind: 'scene', scene: { version: 1, root: { type: 'column', children } }, assets: {} };
}
