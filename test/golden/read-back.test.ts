import { beforeAll, expect, test } from 'vitest';
import { Sheet } from '../../render/frame/sheet.js';
import { frameToPng } from '../../render/index.js';
import { prepareDrawing } from '../../render/prepare.js';
import { layText } from '../../render/text/lay-text.js';
import { Runs } from '../../render/text/runs.js';
import { letterErrors, readBack } from '../support/read-back.js';

const LIMIT_MS = 60_000;
const GLASS = { width: 800, height: 480, inks: ['black', 'white'] };
const MARGIN = 24;
const MOST_ERRORS = 0.02;

const LETTER =
  'Good morning. Bread rises at seven, so please take it out of the oven before you leave the house. ' +
  'The plumber comes on Thursday between nine and eleven; the key hangs behind the blue door. ' +
  'Grandmother called: she would like to visit on the 14th of March with two friends and a dog. ' +
  'We need milk, butter, six eggs, coffee and a box of matches. The bus to school leaves at 7:35.';

beforeAll(() => prepareDrawing());

const cases = [12, 13, 14, 16, 18, 20, 24, 28, 32].flatMap((sizePx) =>
  [false, true].map((bold) => ({ sizePx, weight: bold ? 'bold' : 'regular', bold })),
);

test.each(cases)(
  '$weight text of $sizePx pixels is read back with at most 2 % of its letters wrong',
  {
    timeout: LIMIT_MS,
  },
  async ({ sizePx, bold }) => {
    const sheet = new Sheet(GLASS);
    const room = { width: GLASS.width - 2 * MARGIN, height: GLASS.height - 2 * MARGIN };
    const laid = await layText({ text: LETTER, ...room, size: sizePx, bold }, new Runs());
    for (const { x, baselineY, run } of laid.lines) {
      sheet.stamp(run.mask, MARGIN + x + run.left, MARGIN + baselineY + run.top, 0);
    }
    const read = await readBack(await frameToPng(sheet.toFrame(), GLASS.inks), sizePx);
    expect(laid.cut).toBe(false);
    expect(letterErrors(LETTER, read) / LETTER.length, read).toBeLessThanOrEqual(MOST_ERRORS);
  },
);
