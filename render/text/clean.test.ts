import { expect, test } from 'vitest';
import { cleanText, oneLine } from './clean.js';
import { startsRightToLeft } from './directions.js';

test.each([
  ['line ends of every kind become one', 'a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
  ['control characters and NUL vanish', 'a\u0000b\u0007c\u009fd', 'abcd'],
  ['a lone surrogate becomes the sign for it', 'a\ud800b', 'a\ufffdb'],
  ['a pair of surrogates is a character like any other', '\u{1f600}', '\u{1f600}'],
  ['a tower of marks keeps its first storeys', `a${'\u0301'.repeat(2000)}b`, `a${'\u0301'.repeat(5)}b`],
  ['more than one empty line is one', 'a\n\n\n\nb', 'a\n\nb'],
  ['space around the whole is not content', ' \n\n a  \n', ' a'],
  ['nothing stays of nothing but joiners and directions', '\u200b\u2060 \u202e\u00ad', ''],
  ['a joiner among letters stays', '\u0645\u06cc\u200c\u062e', '\u0645\u06cc\u200c\u062e'],
  ['nothing stays of nothing but space', '\n \u00a0\t\n', ''],
])('%s', (_name, dirty, clean) => {
  expect(cleanText(dirty)).toBe(clean);
});

test('the direction of a text is that of its first letter', () => {
  expect(startsRightToLeft('12 \u05e9\u05dc\u05d5\u05dd abc')).toBe(true);
  expect(startsRightToLeft('abc \u05e9')).toBe(false);
  expect(startsRightToLeft('123')).toBe(false);
});

test('plain words keep the space before and between them, and lose that at the end of the text', () => {
  expect(cleanText('  two  words ~ ')).toBe('  two  words ~');
  expect(cleanText('   ')).toBe('');
  expect(oneLine(' two  words ~ ')).toBe(' two  words ~ ');
  expect([cleanText('a\u007f\u00ad'), oneLine('a\u007f')]).toEqual(['a\u00ad', 'a']);
});
