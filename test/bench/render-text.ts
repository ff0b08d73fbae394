import sharp from 'sharp';
import { Sheet } from '../../render/frame/sheet.js';
import { prepareDrawing } from '../../render/prepare.js';
import { layText } from '../../render/text/lay-text.js';
import { Runs } from '../../render/text/runs.js';
import type { TextBlock } from '../../render/text/text-block.js';
import { type Figure, quantile } from './figure.js';

type Placed = { block: TextBlock; left: number; top: number };

const GLASS = { width: 800, height: 480, inks: ['black', 'white'] } as const;
const WARM_UP = 12;
const ROUNDS = 60;
const MARGIN = 31;
const CELLS = { columns: 4, rows: 9, width: 195, height: 52 } as const;
const CHANGED_RUNS = 5;

/** From words to the packed frame of a panel of 800 x 480 pixels, beside one plain call of the library that draws them. */
export async function benchRenderText(): Promise<Figure[]> {
  await prepareDrawing();
  const kept = new Runs();
  const yardstickMs = await medianMs(async () => {
    await sharp({ text: { text: 'Hello', font: 'Inter 16', dpi: 72 } })
      .extractChannel(0)
      .raw()
      .toBuffer();
  });
  const figure = async (what: string, aimMs: number, work: (round: number) => Promise<unknown>): Promise<Figure> => {
    const ms = await medianMs(work);
    return { what, unit: 'ms', ms, aimMs, yardstickMs, ratio: quantile([ms / yardstickMs], 0) };
  };
  return [
    await figure('message, nothing cached', 6, (round) => frameOf(message(round), new Runs())),
    await figure('message, cached', 1.3, () => frameOf(message(0), kept)),
    await figure('dashboard of 36 runs, all new', 25, (round) => frameOf(dashboard(round, 36), kept)),
    await figure('dashboard of 36 runs, 5 changed', 3, (round) => frameOf(dashboard(round, CHANGED_RUNS), kept)),
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

async function frameOf(texts: readonly Placed[], runs: Runs): Promise<void> {
  const sheet = new Sheet(GLASS);
  const laid = await Promise.all(texts.map(({ block }) => layText(block, runs)));
  for (const [at, { left, top }] of texts.entries()) {
    for (const { x, baselineY, run } of laid[at]?.lines ?? []) {
      sheet.stamp(run.mask, left + x + run.left, top + baselineY + run.top, 0);
    }
  }
  sheet.toFrame();
}

function message(round: number): Placed[] {
  const text = `Bread rises at seven, take it out at ${round} past eight`;
  const room = { width: GLASS.width - 2 * MARGIN, height: GLASS.height - 2 * MARGIN };
  return [{ block: { text, ...room, size: { minPx: 14, maxPx: 140 }, align: 'centre' }, left: MARGIN, top: MARGIN }];
}

/** Nine rows of four; the first `fresh` differ from round to round. */
function dashboard(round: number, fresh: number): Placed[] {
  return Array.from({ length: CELLS.columns * CELLS.rows }, (_, at) => ({
    block: {
      text: at < fresh ? `${at}: ${round} km/h` : `Row ${at} stays`,
      width: CELLS.width,
      size: 14 + 4 * (at % 5),
      bold: at % 2 === 0,
      tabular: at % 3 === 0,
    },
    left: (at % CELLS.columns) * (CELLS.width + 5),
    top: Math.floor(at / CELLS.columns) * CELLS.height,
  }));
}
