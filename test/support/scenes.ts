import fc from 'fast-check';

const ICONS = ['clear-day', 'rain', 'check', 'battery-40', 'bus'] as const;
const INKS = [
  'text',
  'background',
  'black',
  'white',
  'dark-grey',
  'light-grey',
  'red',
  'yellow',
  'blue',
  'green',
] as const;
const MOST_DEPTH = 4;

const length = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 120 }) },
  fc.double({ min: 0, max: 10_000, noNaN: true }),
  fc.integer({ min: 0, max: 150 }).map((share) => `${share}%`),
  fc.integer({ min: 0, max: 40 }).map((share) => `${share}.5u`),
);
const letterSize = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom('4u', '8%'));
const ink = fc.constantFrom(...INKS);
const align = fc.constantFrom('start', 'centre', 'end', 'stretch');
const textAlign = fc.constantFrom('start', 'centre', 'end');
const mode = fc.constantFrom('stable', 'normal');
const words = fc.oneof(
  { weight: 4, arbitrary: fc.lorem({ maxCount: 12 }) },
  fc.constantFrom(
    '',
    '12:45',
    '-3°',
    'שלום עולם',
    'مرحبا',
    'नमस्ते',
    '\u{1f600} ok',
    'a\nb\n\nc',
    '\u0301\u0301',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const value = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }));
const colour = fc.constantFrom('#000000', '#ffffff', '#808080', '#c03020', '#205090');

const common = {
  id: fc.string({ minLength: 1, maxLength: 9 }),
  width: length,
  height: length,
  minWidth: length,
  grow: fc.double({ min: 0, max: 9, noNaN: true }),
  alignSelf: align,
};

const padding = fc.oneof(
  length,
  fc.record({ top: length, right: length, bottom: length, left: length }, { requiredKeys: [] }),
);

type Keys = Record<string, fc.Arbitrary<unknown>>;

/** A node of a type, whose keys besides those required may be absent. */
function node(type: string, required: Keys, optional: Keys = {}): fc.Arbitrary<unknown> {
  const keys: Keys = { type: fc.constant(type), ...required, ...common, ...optional };
  return fc.record(keys, { requiredKeys: ['type', ...Object.keys(required)] });
}

const lettering = { bold: fc.boolean(), face: fc.constantFrom('interface', 'mono'), tabular: fc.boolean(), ink };

const leaf = fc.oneof(
  {
    weight: 4,
    arbitrary: node(
      'text',
      { text: words, size: fc.oneof(letterSize, fc.record({ min: letterSize, max: letterSize })) },
      {
        ...lettering,
        align: textAlign,
        alignY: textAlign,
        maxLines: fc.integer({ min: 1, max: 5 }),
        lineHeight: fc.double({ min: 0.5, max: 4, noNaN: true }),
        wrap: fc.boolean(),
        lang: fc.constantFrom('en', 'de-CH', 'ar'),
      },
    ),
  },
  node('line', {}, { thickness: length, ink, dash: length }),
  node('icon', { name: fc.constantFrom(...ICONS), size: length }, { ink }),
  node('progress', { share: fc.double({ min: 0, max: 1, noNaN: true }) }, { ink }),
  node('image', { asset: fc.constant('picture') }, { fit: fc.constantFrom('fit', 'fill'), mode }),
  node('qr', { text: fc.string({ minLength: 1, maxLength: 60 }) }),
  node(
    'chart',
    { kind: fc.constantFrom('sparkline', 'bars'), values: fc.array(value, { minLength: 1, maxLength: 40 }) },
    {
      min: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      max: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      labels: fc.array(fc.string({ maxLength: 8 }), { maxLength: 8 }),
      bounds: fc.record({ min: fc.string({ maxLength: 6 }), max: fc.string({ maxLength: 6 }) }),
      axis: fc.boolean(),
      size: letterSize,
      thickness: length,
      ink,
    },
  ),
);

const { root } = fc.letrec<{ node: unknown; root: unknown }>((tie) => {
  const child = tie('node');
  const children = { children: fc.array(child, { maxLength: 5 }) };
  const container = { padding, ink, align };
  const line = { ...container, gap: length, justify: fc.constantFrom('start', 'centre', 'end', 'between') };
  const column = fc.record(
    { width: length, grow: fc.nat(3), align: textAlign, bold: fc.boolean() },
    { requiredKeys: [] },
  );
  const table = fc.integer({ min: 1, max: 4 }).chain((count) => {
    const cells = fc.array(fc.oneof(words, child), { maxLength: count });
    return node(
      'table',
      {
        size: letterSize,
        columns: fc.array(column, { minLength: count, maxLength: count }),
        rows: fc.array(cells, { maxLength: 4 }),
      },
      { ...lettering, header: cells, gap: length, rowGap: length, rules: fc.boolean() },
    );
  });
  const fill = fc.oneof(colour, fc.record({ from: colour, to: colour, direction: fc.constantFrom('across', 'down') }));
  const several = { children: fc.array(child, { minLength: 2, maxLength: 6 }) };
  return {
    root: fc.oneof(node('row', several, line), node('column', several, line), child),
    node: fc.oneof(
      { maxDepth: MOST_DEPTH, depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      { weight: 3, arbitrary: node('row', children, line) },
      { weight: 3, arbitrary: node('column', children, line) },
      node('stack', children, container),
      node('box', {}, { child, padding, border: length, borderInk: ink, radius: length, ink }),
      node('region', { fill }, { child, mode }),
      table,
    ),
  };
});

/** Scenes that keep to the schema, as JSON. The one asset that they name is `picture`. */
export const anyScene: fc.Arbitrary<unknown> = fc.record(
  {
    version: fc.constant(1),
    theme: fc.constantFrom('light', 'dark'),
    lang: fc.constantFrom('en', 'he'),
    root,
  },
  { requiredKeys: ['version', 'root'] },
);
