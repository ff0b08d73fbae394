import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { prepareDrawing } from '../prepare.js';
import { layText } from './lay-text.js';
import { Runs } from './runs.js';
import type { LaidText, TextBlock } from './text-block.js';

const SENTENCE = 'Bread rises at seven, so take it out before you leave';
const SHALOM = '\u05e9\u05dc\u05d5\u05dd';

let runs = new Runs();
beforeAll(async () => {
  await prepareDrawing();
  runs = new Runs();
});

function lay(block: Partial<TextBlock> & { text: string }): Promise<LaidText> {
  return layText({ width: 300, size: 20, ...block }, runs);
}

/** From the left of the first ink to the right of the last, and from top to bottom. */
function inkOf({ lines }: LaidText) {
  const inked = lines.filter(({ run }) => run.mask.width > 0);
  return {
    left: Math.min(...inked.map(({ x, run }) => x + run.left)),
    right: Math.max(...inked.map(({ x, run }) => x + run.left + run.mask.width)),
    top: Math.min(...inked.map(({ baselineY, run }) => baselineY + run.top)),
    bottom: Math.max(...inked.map(({ baselineY, run }) => baselineY + run.top + run.mask.height)),
  };
}

describe('at one size', () => {
  test('a text is broken between words, within its room', async () => {
    const laid = await lay({ text: SENTENCE });
    expect(laid.lines.length).toBe(2);
    expect(laid).toMatchObject({ sizePx: 20, cut: false, missing: false });
    expect(inkOf(laid).left).toBe(0);
    expect(inkOf(laid).right).toBeLessThanOrEqual(300);
    expect(inkOf(laid).top).toBeGreaterThanOrEqual(0);
    expect(inkOf(laid).bottom).toBeLessThanOrEqual(laid.height);
  });

  test('a text that is laid again in its own width keeps its lines', async () => {
    for (const text of [SENTENCE, 'AVAVA To Ty. WAVE', `${SHALOM} abc ${SHALOM}`]) {
      const laid = await lay({ text, width: 170 });
      const again = await lay({ text, width: laid.width });
      expect(again.lines.length).toBe(laid.lines.length);
    }
  });

  test('the height is that of the lines, whatever letters they have', async () => {
    const heights = await Promise.all(['no', 'lag', 'Hop'].map(async (text) => (await lay({ text })).height));
    expect(new Set(heights).size).toBe(1);
  });

  test.each([
    ['start', 0, undefined],
    ['end', undefined, 300],
  ] as const)('%s keeps the ink to its side', async (align, left, right) => {
    const ink = inkOf(await lay({ text: 'Milk', align }));
    if (left !== undefined) expect(ink.left).toBe(left);
    if (right !== undefined) expect(ink.right).toBe(right);
  });

  test('centred lines leave as much at the left as at the right', async () => {
    const ink = inkOf(await lay({ text: 'Milk', align: 'centre' }));
    expect(Math.abs(ink.left - (300 - ink.right))).toBeLessThanOrEqual(1);
  });

  test('each paragraph starts where its script does', async () => {
    const { lines } = await lay({ text: `Milk\n${SHALOM}` });
    const [milk, shalom] = lines;
    expect((milk?.x ?? 0) + (milk?.run.left ?? 0)).toBe(0);
    expect((shalom?.x ?? 0) + (shalom?.run.left ?? 0) + (shalom?.run.mask.width ?? 0)).toBe(300);
  });

  test('too many lines end in an ellipsis', async () => {
    const byLines = await lay({ text: SENTENCE.repeat(9), maxLines: 2 });
    const byHeight = await lay({ text: SENTENCE.repeat(9), height: 60 });
    for (const laid of [byLines, byHeight]) {
      expect(laid.lines.length).toBe(2);
      expect(laid.cut).toBe(true);
      expect(inkOf(laid).right).toBeLessThanOrEqual(300);
    }
    expect(byHeight.height).toBeLessThanOrEqual(60);
  });

  test('a line that may not be broken ends in an ellipsis', async () => {
    const laid = await lay({ text: SENTENCE, wrap: false });
    expect(laid).toMatchObject({ cut: true });
    expect(laid.lines.length).toBe(1);
    expect(laid.width).toBeGreaterThan(250);
    expect(laid.width).toBeLessThanOrEqual(300);
  });

  test('a word that is wider than the room is broken between letters', async () => {
    const laid = await lay({ text: 'Rindfleischetikettierungs\u00adueberwachungs'.repeat(3) });
    expect(laid.lines.length).toBeGreaterThan(3);
    expect(laid.cut).toBe(false);
    expect(inkOf(laid).right).toBeLessThanOrEqual(300);
  });

  test.each([
    [
      'Japanese',
      '\u65e5\u672c\u8a9e\u306e\u6587\u7ae0\u306f\u7a7a\u767d\u306a\u3057\u3067\u6298\u308a\u8fd4\u3059\u3053\u3068\u304c\u3067\u304d\u307e\u3059',
    ],
    [
      'Thai',
      '\u0e01\u0e32\u0e23\u0e15\u0e31\u0e14\u0e04\u0e33\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22\u0e44\u0e21\u0e48\u0e21\u0e35\u0e0a\u0e48\u0e2d\u0e07\u0e27\u0e48\u0e32\u0e07\u0e23\u0e30\u0e2b\u0e27\u0e48\u0e32\u0e07\u0e04\u0e33',
    ],
  ])('%s breaks without spaces, and loses nothing', async (_name, text) => {
    const laid = await lay({ text, width: 120 });
    expect(laid.lines.length).toBeGreaterThan(1);
    expect(laid.cut).toBe(false);
  });

  test('digits of one width do not move the ones beside them', async () => {
    const [one, four] = await Promise.all(
      ['10:11', '10:44'].map((text) => lay({ text, align: 'centre', tabular: true, size: 60 })),
    );
    expect(one?.lines[0]?.x).toBe(four?.lines[0]?.x);
  });

  test('room without an end gives the text its own width', async () => {
    const laid = await lay({ text: SENTENCE, width: Number.POSITIVE_INFINITY, align: 'end' });
    expect(laid.lines.length).toBe(1);
    expect(inkOf(laid).right).toBe(laid.width);
  });
});

describe('as large as fits', () => {
  const room = { width: 740, height: 400, size: { minPx: 14, maxPx: 200 } };

  test.each([
    ['one word', 'Milk'],
    ['a sentence', SENTENCE],
    ['a paragraph', SENTENCE.repeat(12)],
    ['lines', 'Milk\nBread\nSalt'],
  ])('%s fits, and at a size a tenth larger would not', async (_name, text) => {
    const laid = await lay({ ...room, text });
    const ink = inkOf(laid);
    expect(ink.left).toBeGreaterThanOrEqual(0);
    expect(ink.right).toBeLessThanOrEqual(740);
    expect(ink.top).toBe(0);
    expect(ink.bottom).toBeLessThanOrEqual(400);
    expect(laid.cut).toBe(false);
    if (laid.sizePx < 200) {
      const larger = await lay({ ...room, text, size: Math.ceil(laid.sizePx * 1.1), height: 1e4 });
      const ofLarger = inkOf(larger);
      expect(ofLarger.bottom - ofLarger.top > 400 || larger.lines.length > laid.lines.length).toBe(true);
    }
  });

  test('few lines are broken evenly', async () => {
    const laid = await lay({
      ...room,
      text: 'one two three four five six seven eight nine',
      size: { minPx: 30, maxPx: 40 },
    });
    const widths = laid.lines.map(({ run }) => run.advancePx);
    expect(Math.min(...widths)).toBeGreaterThan(Math.max(...widths) * 0.6);
  });

  test('what does not fit at the least size ends in an ellipsis', async () => {
    const laid = await lay({ ...room, text: SENTENCE.repeat(500) });
    expect(laid).toMatchObject({ sizePx: 14, cut: true });
    expect(inkOf(laid).bottom).toBeLessThanOrEqual(400);
    expect(laid.lines.length).toBeGreaterThan(15);
  });
});

test.each([
  ['nothing', ''],
  ['only space', ' \n\t\u00a0 '],
  ['only joiners', '\u200b\u2060\u00ad'],
  ['100,000 lines', 'a\n'.repeat(100_000)],
  ['a million letters', 'a'.repeat(1_000_000)],
  ['a million spaces before a letter', `${' '.repeat(1_000_000)}x`],
  ['a million joined emoji', '\u{1f469}\u200d'.repeat(333_333)],
  ['a million marks', `a${'\u0301'.repeat(1_000_000)}`],
  ['a million openings', '\u202e'.repeat(1_000_000)],
  ['a million isolates with letters', '\u2067a '.repeat(333_333)],
  [
    'a million different letters',
    Array.from({ length: 500_000 }, (_, at) => String.fromCodePoint(0x4e00 + (at % 20_000))).join(' '),
  ],
])('%s lies in its room', async (_name, text) => {
  for (const size of [16, { minPx: 10, maxPx: 60 }]) {
    const laid = await lay({ text, width: 790, height: 470, size });
    expect(laid.height).toBeLessThanOrEqual(470);
    for (const { x, baselineY, run } of laid.lines) {
      if (run.mask.width === 0) continue;
      expect(x + run.left).toBeGreaterThanOrEqual(0);
      expect(x + run.left + run.mask.width).toBeLessThanOrEqual(790);
      expect(baselineY + run.top).toBeGreaterThanOrEqual(0);
    }
  }
});

const WORDS = [
  'Bread',
  'rises',
  'at',
  'seven',
  SHALOM,
  '\u0e17\u0e35\u0e48\u0e1b\u0e49\u0e33',
  `a${'\u0301'.repeat(9)}`,
  '\u1ea8g',
  '\n',
];
const texts = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 20 }).map((words) => words.join(' '));
const widths = fc.integer({ min: 60, max: 400 });

const lineHeights = fc.option(fc.double({ min: 0.9, max: 2, noNaN: true }), { nil: undefined });

test('a text that is given the height that it measured keeps its lines, and in less it is no higher', async () => {
  const sizes = fc.integer({ min: 7, max: 60 });
  await fc.assert(
    fc.asyncProperty(texts, widths, sizes, lineHeights, async (text, width, size, lineHeight) => {
      const block = { text, width, size, ...(lineHeight === undefined ? {} : { lineHeight }) };
      const laid = await lay(block);
      const again = await lay({ ...block, height: laid.height });
      expect({ ...again, lines: again.lines.length }).toEqual({ ...laid, lines: laid.lines.length });
      const less = await lay({ ...block, height: laid.height - 1 });
      expect(less.height < laid.height || less.lines.length === 1).toBe(true);
    }),
    { numRuns: 60 },
  );
});

/** A tall word that even lines put on the last one, and an empty first line: each once cost the text an eighth of its size. */
const ONCE_TOO_SMALL: [string, number][] = [
  ['Bread \u0e17\u0e35\u0e48\u0e1b\u0e49\u0e33 \u1ea8g', 200],
  [`\n ${SHALOM}`, 111],
];

test('the largest letters of a text fit in the height that they measured, or a size that is little less', async () => {
  await fc.assert(
    fc.asyncProperty(texts, widths, async (text, width) => {
      const block = { text, width, size: { minPx: 8, maxPx: 60 } };
      const laid = await lay({ ...block, height: 300 });
      const again = await lay({ ...block, height: laid.height });
      expect(again).toMatchObject({ cut: laid.cut, missing: false });
      expect(again.height).toBeLessThanOrEqual(laid.height);
      expect(again.sizePx).toBeGreaterThanOrEqual(Math.floor(laid.sizePx * 0.9));
    }),
    { numRuns: 60, examples: ONCE_TOO_SMALL },
  );
});
