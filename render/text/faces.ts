export type Face = 'interface' | 'reading' | 'mono' | 'pixel';

/** What a face begins with; characters that it lacks come from the fonts after it. */
const FIRST = {
  interface: [],
  reading: ['Atkinson Hyperlegible'],
  mono: ['JetBrains Mono'],
  pixel: ['Tiny5'],
} as const satisfies Record<Face, readonly string[]>;

const ALPHABETS = [
  'Inter',
  'Noto Sans',
  'Noto Sans Arabic',
  'Noto Sans Hebrew',
  'Noto Sans Devanagari',
  'Noto Sans Thai',
] as const;

/** Han is one script with shapes of its own in each language: the reader's first, then whoever has the character. */
const HAN = {
  ja: ['BIZ UDPGothic', 'NanumGothic', 'Noto Sans S Chinese', 'Noto Sans T Chinese'],
  ko: ['NanumGothic', 'Noto Sans T Chinese', 'Noto Sans S Chinese', 'BIZ UDPGothic'],
  'zh-Hans': ['Noto Sans S Chinese', 'Noto Sans T Chinese', 'BIZ UDPGothic', 'NanumGothic'],
  'zh-Hant': ['Noto Sans T Chinese', 'Noto Sans S Chinese', 'BIZ UDPGothic', 'NanumGothic'],
} as const;

const SIGNS = ['Noto Emoji', 'Noto Sans Symbols', 'Noto Sans Symbols 2', 'Noto Sans Math', 'Unifont'] as const;

type HanReader = keyof typeof HAN;

const TRADITIONAL_REGION = /-(?:hant|tw|hk|mo)\b/i;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const HANGUL = /\p{Script=Hangul}/u;

/** The families for a text in order of preference, as a Pango font description lists them. */
export function familiesFor(face: Face, text: string, lang: string | undefined): string {
  return LISTS[face][hanReaderOf(text, lang)];
}

/** Whose Han it is: the language says, or letters that only one of them writes. */
function hanReaderOf(text: string, lang = ''): HanReader {
  const [language] = lang.toLowerCase().split('-');
  if (language === 'ja') return 'ja';
  if (language === 'ko') return 'ko';
  if (language === 'zh' || language === 'yue') return TRADITIONAL_REGION.test(lang) ? 'zh-Hant' : 'zh-Hans';
  if (KANA.test(text)) return 'ja';
  return HANGUL.test(text) ? 'ko' : 'zh-Hans';
}

const LISTS = {
  interface: listsOf('interface'),
  reading: listsOf('reading'),
  mono: listsOf('mono'),
  pixel: listsOf('pixel'),
} as const;

function listsOf(face: Face): Record<HanReader, string> {
  const list = (reader: HanReader) => [...FIRST[face], ...ALPHABETS, ...HAN[reader], ...SIGNS].join(',');
  return { ja: list('ja'), ko: list('ko'), 'zh-Hans': list('zh-Hans'), 'zh-Hant': list('zh-Hant') };
}
