import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { prepareDrawing } from '../prepare.js';
import { drawStrips } from './draw-strip.js';
import { Runs } from './runs.js';
import type { RunStyle } from './text-run.js';

const PLAIN: RunStyle = { sizePx: 16, bold: false, face: 'interface' };
const SHALOM = '\u05e9\u05dc\u05d5\u05dd';

beforeAll(() => prepareDrawing());

describe('where a run lies', () => {
  test.each([12, 16, 31, 64, 200])(
    'letters at %i px stand on the base line and begin at the origin',
    async (sizePx) => {
      const runs = new Runs();
      const style = { ...PLAIN, sizePx };
      const [capital, deep, fullStop] = await Promise.all(['H', 'p', '.'].map((text) => runs.run(text, style)));
      expect(capital?.top).toBe(-(capital?.mask.height ?? 0));
      // Round, so it reaches a little below at large sizes.
      expect((fullStop?.top ?? 0) + (fullStop?.mask.height ?? 0)).toBeLessThanOrEqual(sizePx / 100);
      expect((deep?.top ?? 0) + (deep?.mask.height ?? 0)).toBeGreaterThanOrEqual(Math.floor(sizePx * 0.15));
      // Inter 4.0, tables glyf and hmtx: H has its stem at 189 of 2048 from the origin, and is 1527 wide.
      expect(Math.abs((capital?.left ?? 0) - (sizePx * 189) / 2048)).toBeLessThanOrEqual(1);
      expect(Math.abs((capital?.advancePx ?? 0) - (sizePx * 1527) / 2048)).toBeLessThanOrEqual(1);
    },
  );

  test.each([
    ['Latin', 'Bread rises', ' at seven'],
    ['spaces alone', '  ', ' '],
    ['Hebrew', SHALOM, ` ${SHALOM}`],
    ['Arabic', '\u062e\u0628\u0632', ' \u062e\u0628\u0632'],
    ['marks', 'a\u0301', 'e\u0302'],
    ['emoji', '\u{1f600}', '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}'],
  ])('advances add up: %s', async (_name, one, other) => {
    const runs = new Runs();
    const style = { ...PLAIN, rightToLeft: false };
    const [first, second, both] = await Promise.all([one, other, one + other].map((text) => runs.run(text, style)));
    expect(first?.advancePx).toBeGreaterThan(0);
    expect(Math.abs((both?.advancePx ?? 0) - (first?.advancePx ?? 0) - (second?.advancePx ?? 0))).toBeLessThanOrEqual(
      1,
    );
  });

  test('nothing has no ink and no advance', async () => {
    const run = await new Runs().run('', PLAIN);
    expect(run).toMatchObject({ advancePx: 0, mask: { width: 0, height: 0 } });
  });

  test('the height of letters grows with the size', async () => {
    const { ascentPx, descentPx, capHeightPx, xHeightPx } = await new Runs().metrics({ ...PLAIN, sizePx: 100 });
    expect(ascentPx).toBeGreaterThan(capHeightPx);
    expect(descentPx).toBeGreaterThan(15);
    expect(capHeightPx).toBe(72);
    expect(xHeightPx).toBe(54);
  });
});

test('digits of one width advance alike', async () => {
  const runs = new Runs();
  const style = { ...PLAIN, sizePx: 40, tabular: true };
  const advances = await Promise.all([...'0123456789'].map(async (digit) => (await runs.run(digit, style)).advancePx));
  expect(new Set(advances).size).toBe(1);
});

test('the base direction puts what has none on its side', async () => {
  const runs = new Runs();
  const leftToRight = await runs.run(`${SHALOM}!`, { ...PLAIN, rightToLeft: false });
  const rightToLeft = await runs.run(`${SHALOM}!`, PLAIN);
  expect(rightToLeft.mask.bits).not.toEqual(leftToRight.mask.bits);
  expect(rightToLeft.advancePx).toBe(leftToRight.advancePx);
});

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        'a',
        'Wij',
        '12',
        '-',
        ' ',
        SHALOM,
        '\u0628\u062e',
        '\u0301',
        '\ua8e0',
        '\u0e33\u0e49',
        '\u0915\u093f',
        '\ud55c',
        '\u202e',
        '\u2067',
        '\u2069',
        '\u202c',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);
const anyLine = fc.record({ text: anyText, sizePx: fc.integer({ min: 5, max: 60 }), bold: fc.boolean() });

test('lines drawn together are the lines that each alone would be', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyLine, { minLength: 2, maxLength: 8 }), async (lines) => {
      const together = new Runs();
      const drawn = await Promise.all(
        lines.map(({ text, sizePx, bold }) => together.run(text, { ...PLAIN, sizePx, bold })),
      );
      for (const [at, { text, sizePx, bold }] of lines.entries()) {
        expect(drawn[at]).toEqual(await new Runs().run(text, { ...PLAIN, sizePx, bold }));
      }
    }),
    { numRuns: 100 },
  );
});

describe('what is remembered', () => {
  test('a run that was drawn is the same object, until others took its room', async () => {
    const runs = new Runs({ mostBytes: 20_000 });
    const first = await runs.run('first', PLAIN);
    expect(await runs.run('first', PLAIN)).toBe(first);
    for (let at = 0; at < 100; at += 1) await runs.run(`other ${at}`, PLAIN);
    expect(await runs.run('first', PLAIN)).not.toBe(first);
    expect(runs.bytes).toBeLessThanOrEqual(20_000);
  });
});

test('a run of a million letters is as wide as the widest sheet and no wider', async () => {
  const run = await new Runs().run('i'.repeat(1_000_000), PLAIN);
  expect(run.mask.width).toBeGreaterThan(4_096);
  expect(run.mask.width).toBeLessThan(32_768);
});

test.each([
  ['line ends', 'a\nb\r\nc\u2028d\u2029e\u0085f\vg\fh'],
  ['lone surrogates', '\ud800 a \udfff'],
  ['controls', Array.from({ length: 160 }, (_, code) => String.fromCharCode(code)).join('')],
  ['2,000 marks', `a${'\u0301'.repeat(2_000)}`],
  ['marks on nothing', '\u0301\u0302\u0303'],
  ['directions that never close', '\u202e\u2067\u202d\u2066\u202aabc'.repeat(100)],
  ['directions that never opened', 'a\u202c\u2069'.repeat(200)],
  ['markup', '</span><b>&amp;'],
  ['the widest letters', '\ufdfd'.repeat(300)],
])('%s come out as one line', async (_name, text) => {
  const runs = new Runs();
  const [first, second] = await Promise.all([runs.run(text, PLAIN), runs.run('plain', PLAIN)]);
  expect(first.mask.width).toBeGreaterThan(0);
  expect(second).toEqual(await new Runs().run('plain', PLAIN));
});

// U+FDFD in bold stopped the library in the middle of a line, and all lines after it came out blank.
test('a glyph that cannot be drawn takes nothing else along', async () => {
  const runs = new Runs();
  const style = { ...PLAIN, bold: true };
  const [phrase, after] = await Promise.all(['\ufdfd', 'after'].map((text) => runs.run(text, style)));
  expect(phrase?.mask.width).toBeGreaterThan(100);
  expect(after).toEqual(await new Runs().run('after', style));
});

test('a language that is no language is left out', async () => {
  const runs = new Runs();
  const plain = await runs.run('plain', PLAIN);
  expect(await runs.run('plain', { ...PLAIN, lang: 'x"<>&' })).toEqual(plain);
});

test('the strut of a line is as wide and as high as its figures say', async () => {
  // Were it not, a line of nothing would have an advance, and `H` would not stand on the base line.
  const [nothing, capital] = await drawStrips(
    ['', 'H'].map((text) => ({ text, style: { ...PLAIN, sizePx: 16, rightToLeft: false } })),
  );
  expect(nothing?.advancePx).toBe(0);
  expect(capital).toMatchObject({ left: 1, top: -12, mask: { width: 9, height: 12 } });
});
