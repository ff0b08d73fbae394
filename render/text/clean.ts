/** More marks than this on one letter say nothing in any script, and pile up into a tower. */
const MARKS_PER_LETTER = 5;

/**
 * Well-formed text of one or more lines: no control characters, no lone surrogates, no towers of combining marks. Empty
 * when nothing of it could be seen.
 */
export function cleanText(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text.trimEnd();
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, '\n')
    .replaceAll('\t', '    ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/(?!\n)[\p{Control}\p{Noncharacter_Code_Point}\ufeff]/gu, '')
    .replace(TOWER, '$1')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+/, '')
    .trimEnd()
    .replace(INVISIBLE, '');
}

/** Well-formed text that has no line end: each becomes a space. */
export function oneLine(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text
    .replace(/\r\n?|[\n\u2028\u2029\u0085\v\f\t]/g, ' ')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\p{Control}\p{Noncharacter_Code_Point}\ufeff]/gu, '')
    .replace(TOWER, '$1');
}

/** The text as Pango markup that shows exactly the text. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Nothing but what has no glyph by its nature: joiners, directions, soft hyphens. */
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\s]+$/u;
/** What most texts are made of; there is nothing in it to clean but the space at the end. */
const PRINTABLE_ASCII = /^[ -~]*$/;
const TOWER = new RegExp(`(\\p{M}{${MARKS_PER_LETTER}})\\p{M}+`, 'gu');
