import fc from 'fast-check';
import { expect } from 'vitest';
import { layText } from '../../render/text/lay-text.js';
import { Runs } from '../../render/text/runs.js';
import type { TextBlock } from '../../render/text/text-block.js';

const MOST_CACHE_BYTES = 4 * 1024 ** 2;

const words = fc.constantFrom(
  'a',
  'Wij',
  '12:30',
  '-',
  ' ',
  '\n',
  '\u00ad',
  '\u200b',
  '\u05e9\u05dc\u05d5\u05dd',
  '\u0628\u064e\u062e',
  '\u0e01\u0e33',
  '\u0915\u094d\u0937',
  '\u65e5\u672c',
  '\ud55c',
  '\u0301',
  '\u202e',
  '\u2067',
  '\u2069',
  '\u202c',
  '\ufdfd',
  '\ud800',
  '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}',
  '\u{10ffff}',
  'Donaudampfschifffahrtsgesellschaft',
);

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.array(words, { maxLength: 120 }).map((parts) => parts.join('')),
  fc.tuple(words, fc.integer({ min: 1, max: 3_000 })).map(([word, times]) => word.repeat(times)),
);

const anySize = fc.oneof(
  fc.integer({ min: 1, max: 120 }),
  fc
    .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 140 }))
    .map(([minPx, more]) => ({ minPx, maxPx: minPx + more })),
);

const anyBlock = fc.record(
  {
    text: anyText,
    width: fc.integer({ min: 1, max: 1_600 }),
    size: anySize,
    height: fc.integer({ min: 1, max: 1_200 }),
    bold: fc.boolean(),
    face: fc.constantFrom('interface', 'reading', 'mono', 'pixel'),
    align: fc.constantFrom('start', 'centre', 'end'),
    lang: fc.constantFrom('en', 'ja', 'zh-Hant', 'ko', 'ar', 'x"<>'),
    tabular: fc.boolean(),
    maxLines: fc.integer({ min: 1, max: 9 }),
    lineHeight: fc.double({ min: 0.5, max: 4, noNaN: true }),
    wrap: fc.boolean(),
  },
  { requiredKeys: ['text', 'width', 'size'] },
);

/** Any text in any room comes out within it, or as one ellipsis or letter that is larger than the room. */
export async function layAnyText(numRuns: number): Promise<void> {
  const runs = new Runs();
  await fc.assert(
    fc.asyncProperty(anyBlock, async (block: TextBlock) => {
      const laid = await layText(block, runs);
      expect(runs.bytes).toBeLessThanOrEqual(MOST_CACHE_BYTES);
      expect(laid.lines.length).toBeLessThanOrEqual(block.maxLines ?? Number.POSITIVE_INFINITY);
      if (typeof block.size === 'number') expect(laid.sizePx).toBe(block.size);
      for (const { run, x, baselineY } of laid.lines) {
        expect([x, baselineY].every(Number.isFinite)).toBe(true);
        expect(run.mask.bits.length).toBe(Math.ceil(run.mask.width / 8) * run.mask.height);
        if ([...run.mask.bits].every((byte) => byte === 0)) continue;
        const widest = Math.max(block.width + 1 + laid.sizePx * OVERHANG, laid.sizePx * WIDEST_LETTER);
        expect(run.mask.width).toBeLessThanOrEqual(widest);
      }
    }),
    { numRuns },
  );
}

/** Ink may reach out of the advance of its letters by this multiple of the size. */
const OVERHANG = 0.1;
/** U+FDFD, a whole phrase in one letter. */
const WIDEST_LETTER = 12;
