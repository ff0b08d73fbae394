import LineBreaker from 'linebreak';

/** What stays together on a line, and the space after it, which a line end swallows. */
export type Piece = { word: string; space: string };

/** Scripts that write no space between words: UAX 14 class SA, left to a dictionary. */
const BY_DICTIONARY = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const DICTIONARY = new Intl.Segmenter('th', { granularity: 'word' });
const LETTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });
const NO_START = /^[\p{M}\p{Pe}\p{Pf}\p{Po}\p{Lm}]/u;

/** A paragraph in the pieces that UAX 14 lets lines break between, in the order in which they are read. */
export function piecesOf(paragraph: string): Piece[] {
  const breaker = new LineBreaker(paragraph);
  const pieces: Piece[] = [];
  let from = 0;
  for (let next = breaker.nextBreak(); next !== null; next = breaker.nextBreak()) {
    for (const part of wordsOf(paragraph.slice(from, next.position))) pieces.push(pieceOf(part));
    from = next.position;
  }
  return pieces;
}

/** The letters of a word as a person counts them: with their marks, and joined emoji as one. */
export function lettersOf(word: string): string[] {
  return Array.from(LETTERS.segment(word), ({ segment }) => segment);
}

function wordsOf(text: string): string[] {
  if (!BY_DICTIONARY.test(text)) return [text];
  const words: string[] = [];
  for (const { segment } of DICTIONARY.segment(text)) {
    const before = words.at(-1);
    if (before !== undefined && (NO_START.test(segment) || segment.trim() === '')) words[words.length - 1] += segment;
    else words.push(segment);
  }
  return words;
}

function pieceOf(text: string): Piece {
  const word = text.trimEnd();
  return { word, space: text.slice(word.length) };
}
