/** A font file in its package, and what it is called among ours. */
export type FontFile = { from: string; file: string };

export type Font = {
  family: string;
  package: string;
  /** Terms and authors, which go wherever the font goes: SIL Open Font License 1.1, condition 2. */
  licence: string;
  files: readonly FontFile[];
};

/** Every font that text is drawn with; the build copies exactly these files. */
export const FONTS = [
  google('Inter', 'inter', 'Inter'),
  google('Atkinson Hyperlegible', 'atkinson-hyperlegible', 'AtkinsonHyperlegible'),
  google('JetBrains Mono', 'jetbrains-mono', 'JetBrainsMono'),
  google('Tiny5', 'tiny5', 'Tiny5', ['400Regular']),
  google('Noto Sans', 'noto-sans', 'NotoSans'),
  google('Noto Sans Arabic', 'noto-sans-arabic', 'NotoSansArabic'),
  google('Noto Sans Hebrew', 'noto-sans-hebrew', 'NotoSansHebrew'),
  google('Noto Sans Devanagari', 'noto-sans-devanagari', 'NotoSansDevanagari'),
  google('Noto Sans Thai', 'noto-sans-thai', 'NotoSansThai'),
  google('BIZ UDPGothic', 'biz-udpgothic', 'BIZUDPGothic'),
  google('NanumGothic', 'nanum-gothic', 'NanumGothic'),
  chinese('Noto Sans S Chinese', 'sc', 'NotoSansHans'),
  chinese('Noto Sans T Chinese', 'tc', 'NotoSansHant'),
  google('Noto Emoji', 'noto-emoji', 'NotoEmoji'),
  google('Noto Sans Symbols', 'noto-sans-symbols', 'NotoSansSymbols', ['400Regular']),
  google('Noto Sans Symbols 2', 'noto-sans-symbols-2', 'NotoSansSymbols2', ['400Regular']),
  google('Noto Sans Math', 'noto-sans-math', 'NotoSansMath', ['400Regular']),
  {
    family: 'Unifont',
    package: '@fontsource/unifont',
    licence: 'LICENSE',
    // Sliced by name only: it holds the whole Basic Multilingual Plane.
    files: [{ from: 'files/unifont-latin-400-normal.woff', file: 'Unifont.ttf' }],
  },
] as const satisfies readonly Font[];

function google(family: string, name: string, file: string, weights = ['400Regular', '700Bold']): Font {
  return {
    family,
    package: `@expo-google-fonts/${name}`,
    licence: 'LICENSE_FONT',
    files: weights.map((weight) => ({ from: `${weight}/${file}_${weight}.ttf`, file: `${file}_${weight}.ttf` })),
  };
}

function chinese(family: string, name: string, file: string): Font {
  return {
    family,
    package: `@embedpdf/fonts-${name}`,
    licence: 'LICENSE',
    files: ['Regular', 'Bold'].map((weight) => ({
      from: `fonts/${file}-${weight}.otf`,
      file: `${file}-${weight}.otf`,
    })),
  };
}
