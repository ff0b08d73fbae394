import { z } from 'zod';
import { ICON_NAMES } from '../icons/names.js';
import {
  AlignSchema,
  ColourSchema,
  InkSchema,
  LangSchema,
  LengthSchema,
  ModeSchema,
  PaddingSchema,
  SCENE_LIMITS,
  TextAlignSchema,
  TextSchema,
  TextSizeSchema,
} from './values.js';

const common = {
  id: z.string().min(1).max(100).optional().describe('for whoever reads the scene; draws nothing'),
  width: LengthSchema.optional(),
  height: LengthSchema.optional(),
  minWidth: LengthSchema.optional(),
  grow: z.number().min(0).max(1_000).optional().describe('share of what is left along the row or column'),
  alignSelf: AlignSchema.optional().describe('instead of the `align` of the parent'),
} as const;

const lettering = {
  size: TextSizeSchema,
  bold: z.boolean().optional(),
  face: z.enum(['interface', 'reading', 'mono', 'pixel']).optional(),
  tabular: z.boolean().optional().describe('digits of one width'),
  ink: InkSchema.optional(),
} as const;

const container = {
  ...common,
  padding: PaddingSchema.optional(),
  ink: InkSchema.optional().describe('what it is filled with'),
  align: AlignSchema.optional().describe(
    'across the main axis, in a stack on both: `stretch` unless it says otherwise',
  ),
} as const;

const line = {
  gap: LengthSchema.optional().describe('between children'),
  justify: z.enum(['start', 'centre', 'end', 'between']).optional().describe('along the main axis'),
} as const;

const ChildSchema: z.ZodType<SceneNode> = z.lazy(() => NodeSchema);
const ChildrenSchema = z.array(ChildSchema).max(SCENE_LIMITS.nodes);

const RowBase = z.strictObject({ type: z.literal('row'), ...container, ...line });
const ColumnBase = z.strictObject({ type: z.literal('column'), ...container, ...line });
const StackBase = z.strictObject({ type: z.literal('stack'), ...container }).describe('children over each other');

const TextNodeSchema = z.strictObject({
  type: z.literal('text'),
  ...common,
  ...lettering,
  text: TextSchema,
  align: TextAlignSchema.optional(),
  alignY: TextAlignSchema.optional().describe('where the lines stand in a box that is higher than they are'),
  maxLines: z.number().int().min(1).max(1_000).optional(),
  lineHeight: z.number().min(0.5).max(4).optional().describe('distance of base lines, a multiple of the size'),
  wrap: z.boolean().optional().describe('false: lines break only where the text breaks them'),
  lang: LangSchema.optional(),
});

const ImageSchema = z
  .strictObject({
    type: z.literal('image'),
    ...common,
    asset: z.string().min(1).max(200).describe('which of the assets that come with the scene'),
    fit: z.enum(['fit', 'fill']).optional().describe('`fit` shows it whole, `fill` crops it to its box'),
    mode: ModeSchema.optional(),
  })
  .describe('a picture, dithered; it has no size of its own and takes the room that its parent gives');

const QrSchema = z
  .strictObject({ type: z.literal('qr'), ...common, text: z.string().min(1).max(2_953) })
  .describe('a QR code with its quiet zone, black on white in either theme');

const LineSchema = z
  .strictObject({
    type: z.literal('line'),
    ...common,
    thickness: LengthSchema.optional(),
    ink: InkSchema.optional(),
    dash: LengthSchema.optional().describe('length of a dash and of the gap after it'),
  })
  .describe('a rule: level in a column, upright in a row');

const BoxBase = z.strictObject({
  type: z.literal('box'),
  ...common,
  padding: PaddingSchema.optional(),
  border: LengthSchema.optional().describe('thickness of the border'),
  borderInk: InkSchema.optional(),
  radius: LengthSchema.optional(),
  ink: InkSchema.optional().describe('what it is filled with'),
});

const IconSchema = z.strictObject({
  type: z.literal('icon'),
  ...common,
  name: z.enum(ICON_NAMES),
  size: LengthSchema,
  ink: InkSchema.optional(),
});

const ChartSchema = z
  .strictObject({
    type: z.literal('chart'),
    ...common,
    kind: z.enum(['sparkline', 'bars']),
    values: z
      .array(z.number().min(-1e12).max(1e12).nullable())
      .min(1)
      .max(SCENE_LIMITS.values)
      .describe('left to right; null is a gap'),
    min: z.number().min(-1e12).max(1e12).optional().describe('what the lower edge stands for'),
    max: z.number().min(-1e12).max(1e12).optional().describe('what the upper edge stands for'),
    labels: z.array(z.string().max(100)).max(100).optional().describe('below, spread evenly'),
    bounds: z
      .strictObject({ min: z.string().max(100), max: z.string().max(100) })
      .optional()
      .describe('what is written beside the lower and the upper edge'),
    axis: z.boolean().optional().describe('a line at zero, or at the lower edge'),
    size: LengthSchema.optional().describe('height of the letters'),
    thickness: LengthSchema.optional().describe('of the sparkline'),
    ink: InkSchema.optional(),
  })
  .describe('it has no size of its own and takes the room that its parent gives');

const ProgressSchema = z.strictObject({
  type: z.literal('progress'),
  ...common,
  share: z.number().min(0).max(1),
  ink: InkSchema.optional(),
});

const CellSchema = z.union([TextSchema, ChildSchema]);
const CellsSchema = z.array(CellSchema).max(SCENE_LIMITS.tableColumns);

const TableBase = z.strictObject({
  type: z.literal('table'),
  ...common,
  ...lettering,
  size: LengthSchema,
  columns: z
    .array(
      z.strictObject({
        width: LengthSchema.optional(),
        grow: z.number().min(0).max(1_000).optional(),
        align: TextAlignSchema.optional(),
        bold: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(SCENE_LIMITS.tableColumns),
  gap: LengthSchema.optional().describe('between columns'),
  rowGap: LengthSchema.optional().describe('between rows'),
  rules: z.boolean().optional().describe('a line between rows'),
});

const RegionBase = z
  .strictObject({
    type: z.literal('region'),
    ...common,
    fill: z
      .union([
        ColourSchema,
        z.strictObject({ from: ColourSchema, to: ColourSchema, direction: z.enum(['across', 'down']).optional() }),
      ])
      .describe('a colour or a gradient, dithered'),
    mode: ModeSchema.optional(),
  })
  .describe('an area that is dithered on its own, with a child drawn over it');

const child = { child: ChildSchema.optional() };

/** Any element. */
export const NodeSchema = z.discriminatedUnion('type', [
  RowBase.extend({ children: ChildrenSchema }),
  ColumnBase.extend({ children: ChildrenSchema }),
  StackBase.extend({ children: ChildrenSchema }),
  BoxBase.extend(child),
  RegionBase.extend(child),
  TableBase.extend({ header: CellsSchema.optional(), rows: z.array(CellsSchema).max(SCENE_LIMITS.tableRows) }),
  TextNodeSchema,
  ImageSchema,
  QrSchema,
  LineSchema,
  IconSchema,
  ChartSchema,
  ProgressSchema,
]);

/** A scene as it is written, its size not yet looked at: `readScene` reads one from outside. */
export const SceneSchema = z.strictObject({
  version: z.literal(1),
  theme: z.enum(['light', 'dark']).optional().describe('`dark` swaps text and background'),
  lang: LangSchema.optional(),
  root: NodeSchema,
});

/** What a display shows, laid out by rows, columns and stacks: data, and drawn the same everywhere. */
export type Scene = { version: 1; theme?: 'light' | 'dark'; lang?: string; root: SceneNode };

export type RowNode = z.infer<typeof RowBase> & { children: SceneNode[] };
export type ColumnNode = z.infer<typeof ColumnBase> & { children: SceneNode[] };
export type StackNode = z.infer<typeof StackBase> & { children: SceneNode[] };
export type BoxNode = z.infer<typeof BoxBase> & { child?: SceneNode };
export type RegionNode = z.infer<typeof RegionBase> & { child?: SceneNode };
export type TableNode = z.infer<typeof TableBase> & { header?: TableCell[]; rows: TableCell[][] };
export type TableCell = string | SceneNode;
export type TextNode = z.infer<typeof TextNodeSchema>;
export type ImageNode = z.infer<typeof ImageSchema>;
export type QrNode = z.infer<typeof QrSchema>;
export type LineNode = z.infer<typeof LineSchema>;
export type IconNode = z.infer<typeof IconSchema>;
export type ChartNode = z.infer<typeof ChartSchema>;
export type ProgressNode = z.infer<typeof ProgressSchema>;

/** One element of a scene. */
export type SceneNode =
  | RowNode
  | ColumnNode
  | StackNode
  | BoxNode
  | RegionNode
  | TableNode
  | TextNode
  | ImageNode
  | QrNode
  | LineNode
  | IconNode
  | ChartNode
  | ProgressNode;
