import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Mask } from '../frame/mask.js';
import { prepareDrawing } from '../prepare.js';
import { cmapOfFile } from './coverage.js';
import { FONTS } from './fonts.js';
import { checkFonts, FONTS_DIR } from './fonts-dir.js';
import { Runs } from './runs.js';
import type { RunStyle } from './text-run.js';

const PLAIN: RunStyle = { sizePx: 40, bold: false, face: 'interface' };
const ASSIGNED = /[^\p{Cn}\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** What no font with an open licence on npm has, as ranges of code points; all of it is `missing` and told as such. */
const UNCOVERED: Record<string, readonly (readonly [number, number])[]> = {
  // Latin Extended-G: signs of phoneticians, of 2021.
  Latin: [[0x1df00, 0x1dfff]],
  // Musical notation of the ancients.
  Greek: [[0x1d200, 0x1d24f]],
  // Cyrillic Extended-D: raised letters of phoneticians, of 2022.
  Cyrillic: [[0x1e030, 0x1e08f]],
  // Numbers of the Rumi tradition, and Arabic Extended-C of 2022 and later.
  Arabic: [[0x10e60, 0x10eff]],
  // Extensions B to I: names and dictionaries, each character seen by few; and marks of old texts.
  Han: [
    [0x16fe2, 0x16ff6],
    [0x20000, 0x3ffff],
  ],
  // Kana of before the reform of 1900.
  Hiragana: [[0x1b000, 0x1b16f]],
  Katakana: [
    [0x1aff0, 0x1afff],
    [0x1b000, 0x1b16f],
  ],
};

/** Licences, condition 2 of the SIL Open Font License 1.1: copies carry the notice and the terms. */
test.each(FONTS.map(({ family }) => family))('%s is named with its licence, which lies beside it', (family) => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const licence = readme.slice(readme.indexOf('## Licence'));
  expect(licence).toMatch(new RegExp(`${family}\\b.*SIL Open Font License`, 's'));
  const file = path.join(FONTS_DIR, 'licences', `${family}.txt`);
  expect(readFileSync(file, 'utf8')).toMatch(/SIL Open Font License,? Version 1\.1/i);
});

test('every font package that is asked for is one of ours', () => {
  const packageJson = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const asked = [...packageJson.matchAll(/"(@[^"]*\bfont[^"]*)": "/g)].map(([, name]) => name);
  expect(asked.sort()).toEqual([...new Set(FONTS.map((font) => font.package))].sort());
});

describe('characters and glyphs', () => {
  let covered = new Set<number>();
  beforeAll(() => {
    covered = new Set(FONTS.flatMap((font) => font.files.slice(0, 1)).flatMap(({ file }) => codesOfFile(file)));
  });

  test.each([
    'Latin',
    'Greek',
    'Cyrillic',
    'Arabic',
    'Hebrew',
    'Devanagari',
    'Thai',
    'Han',
    'Hiragana',
    'Katakana',
    'Hangul',
    'Bopomofo',
  ])('every assigned character of %s has a glyph, but for those that no font has', (script) => {
    const known = UNCOVERED[script] ?? [];
    const missing = codesOf(new RegExp(`\\p{Script=${script}}`, 'u'))
      .filter((code) => !covered.has(code))
      .filter((code) => !known.some(([first, last]) => code >= first && code <= last));
    expect(missing.map((code) => code.toString(16))).toEqual([]);
  });

  test('every emoji and every character of the first plane has a glyph', () => {
    const missing = codesOf(/\p{Emoji}|[^\u{10000}-\u{10ffff}]/u).filter((code) => !covered.has(code));
    expect(missing.map((code) => code.toString(16))).toEqual([]);
  });

  test('what has a glyph has one in bold text too', () => {
    const files = FONTS.flatMap((font) => font.files.slice(-1));
    const bold = new Set(files.flatMap(({ file }) => codesOfFile(file)));
    expect([...covered].filter((code) => !bold.has(code))).toEqual([]);
  });
});

describe('what is drawn', () => {
  const runs = new Runs();
  beforeAll(() => prepareDrawing());

  test('no sample of any script comes out as the box that stands for nothing', async () => {
    const samples = [
      ['Latin', 'A\u00df\u1ea0\u0259\ua78d'],
      ['Greek', '\u03a9\u1f84\u0370'],
      ['Cyrillic', '\u0416\u0462\ua640'],
      ['Arabic', '\u0628\u0751\ufdfa\u08a0'],
      ['Hebrew', '\u05d0\ufb2a'],
      ['Devanagari', '\u0915\u0972\ua8e0'],
      ['Thai', '\u0e01\u0e5b'],
      ['Han', '\u65e5\u9fa5\u3400\u4db5'],
      ['kana', '\u3042\u30a2\u31f0\uff71'],
      ['Hangul', '\uac00\ud7a3\u1100\u3131'],
      ['Bopomofo', '\u3105\u31a0'],
      ['emoji', '\u{1f600}\u{1fae8}\u2603'],
      ['others', '\u0531\u10d0\u0995\u0b95\u1200\u13a0\u16a0\u2801\u{1d504}'],
    ] as const;
    // The library draws a box with the number of a character that no font has.
    const nobodys = await runs.run('\u{10fffd}', PLAIN);
    expect(nobodys).toMatchObject({ missing: true });
    expect(isBox(nobodys.mask)).toBe(true);
    for (const [name, letters] of samples) {
      const drawn = await Promise.all([...letters].map((letter) => runs.run(letter, PLAIN)));
      for (const run of drawn) {
        expect({ name, missing: run.missing, blank: run.mask.width === 0 }).toEqual({
          name,
          missing: false,
          blank: false,
        });
        expect({ name, box: isBox(run.mask) }).toEqual({ name, box: false });
      }
    }
  });

  test.each([
    ['a family', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
    ['a profession', '\u{1f469}\u200d\u{1f680}'],
    ['a flag', '\u{1f1e9}\u{1f1ea}'],
    ['a skin tone', '\u{1f44d}\u{1f3fd}'],
    ['a keycap', '7\ufe0f\u20e3'],
    ['a rainbow flag', '\u{1f3f3}\ufe0f\u200d\u{1f308}'],
    ['a flag by tags', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
  ])('%s is one glyph', async (_name, emoji) => {
    const [one, whole] = await Promise.all([runs.run('\u{1f600}', PLAIN), runs.run(emoji, PLAIN)]);
    expect(whole.missing).toBe(false);
    expect(whole.advancePx).toBeLessThanOrEqual(one.advancePx * 1.2);
  });

  test('Han has the shapes of the language', async () => {
    // U+9AA8, bone: the stroke within the head turns the other way in the simplified shape.
    const drawn = await Promise.all(
      ['ja', 'zh-Hans', 'zh-TW', 'ko'].map((lang) => runs.run('\u9aa8', { ...PLAIN, lang })),
    );
    const shapes = new Set(drawn.map(({ mask }) => Buffer.from(mask.bits).toString('hex')));
    expect(shapes.size).toBeGreaterThanOrEqual(3);
    const beside = await runs.run('\u9aa8', { ...PLAIN, lang: 'en' });
    expect(beside.missing).toBe(false);
  });

  test('each face has letters of its own, and characters that it lacks come from others', async () => {
    const faces = ['interface', 'reading', 'mono', 'pixel'] as const;
    const drawn = await Promise.all(faces.map((face) => runs.run('Rag', { ...PLAIN, face })));
    expect(new Set(drawn.map(({ mask }) => Buffer.from(mask.bits).toString('hex'))).size).toBe(4);
    for (const face of faces) {
      const run = await runs.run('\u0416\u05d0\u65e5', { ...PLAIN, face });
      expect(run).toMatchObject({ missing: false });
    }
  });

  test('every font of the list can be chosen, none is a name without a file', async () => {
    const regular = await runs.run('\u3042', { ...PLAIN, lang: 'ja' });
    const bold = await runs.run('\u3042', { ...PLAIN, lang: 'ja', bold: true });
    expect(bold.mask.bits).not.toEqual(regular.mask.bits);
  });
});

test('a font file that is not there is an error that names it, not a text in boxes', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'inklet-fonts-'));
  try {
    expect(() => checkFonts(dir)).toThrow(expect.objectContaining({ code: 'render.fonts-missing' }));
    expect(() => checkFonts(dir)).toThrow(/Inter_400Regular\.ttf/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

/** Whether every pixel of all four edges is set. */
function isBox({ width, height, bits }: Mask): boolean {
  const isSet = (x: number, y: number) => ((bits[y * Math.ceil(width / 8) + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
  const columns = Array.from({ length: width }, (_, x) => isSet(x, 0) && isSet(x, height - 1));
  const rows = Array.from({ length: height }, (_, y) => isSet(0, y) && isSet(width - 1, y));
  return [...columns, ...rows].every((set) => set);
}

function codesOfFile(file: string): number[] {
  const ranges = cmapOfFile(path.join(FONTS_DIR, file));
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at));
}

function codesOf(pattern: RegExp): number[] {
  return Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => {
    const letter = String.fromCodePoint(code);
    return pattern.test(letter) && ASSIGNED.test(letter);
  });
}
