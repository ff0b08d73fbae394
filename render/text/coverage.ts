import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { readCmap } from './cmap.js';
import { FONTS } from './fonts.js';
import { FONTS_DIR } from './fonts-dir.js';

/** Assigned to nobody, or with nothing to see by their nature: no font has to have them. */
const NEEDS_NO_GLYPH = /[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cc}]/u;
const PLAIN_LATIN = /^[\u0020-\u007e\u00a0-\u024f]*$/;
const CODE_POINTS = 0x110000;

let covered: Uint8Array | undefined;

/** Whether every character of the text has a glyph in one of our fonts. */
export function hasGlyphs(text: string): boolean {
  if (PLAIN_LATIN.test(text)) return true;
  covered ??= readCoverage();
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (((covered[code >> 3] ?? 0) & (1 << (code & 7))) === 0 && !NEEDS_NO_GLYPH.test(letter)) return false;
  }
  return true;
}

/** One bit for each code point. */
function readCoverage(): Uint8Array {
  const bits = new Uint8Array(CODE_POINTS / 8);
  for (const font of FONTS) {
    const file = font.files[0]?.file;
    if (file === undefined) continue;
    for (const [first, last] of cmapOfFile(path.join(FONTS_DIR, file))) {
      for (let code = first; code <= last; code += 1) bits[code >> 3] = (bits[code >> 3] ?? 0) | (1 << (code & 7));
    }
  }
  return bits;
}

/** Ranges of code points, first to last, that the font file has a glyph for. */
export function cmapOfFile(file: string): [number, number][] {
  const handle = openSync(file, 'r');
  try {
    return readCmap((offset, length) => {
      const part = Buffer.alloc(length);
      return part.subarray(0, readSync(handle, part, 0, length, offset));
    });
  } finally {
    closeSync(handle);
  }
}
