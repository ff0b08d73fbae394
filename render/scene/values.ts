import { z } from 'zod';

/** What a scene may hold; past it, it is refused rather than drawn slowly. */
export const SCENE_LIMITS = {
  /** Nodes within nodes. */
  depth: 24,
  nodes: 2_000,
  /** UTF-16 units of one text, and of all strings together. */
  letters: 20_000,
  allLetters: 200_000,
  /** Numbers of one chart. */
  values: 1_000,
  /** Any length, in pixels. */
  pixels: 10_000,
  tableColumns: 24,
  tableRows: 200,
} as const;

/** The digits are bounded, so that no text stands for a number past every limit. */
const SHARE_PATTERN = /^\d{1,4}(?:\.\d{1,3})?[%u]$/;

const WHAT_A_LENGTH_IS = `a length is 0 to ${SCENE_LIMITS.pixels} pixels, "n%" of the parent or "nu" of the sheet`;

export const LengthSchema = z
  .union([z.number().min(0).max(SCENE_LIMITS.pixels), z.string().regex(SHARE_PATTERN, WHAT_A_LENGTH_IS)], {
    error: WHAT_A_LENGTH_IS,
  })
  .describe('pixels; `"n%"` of the inner side of the parent; `"nu"`, hundredths of the shorter side of the sheet');

/** A length in pixels, or `n%` of the parent's inner side, or `nu`, hundredths of the sheet's shorter side. */
export type Length = z.infer<typeof LengthSchema>;

export const INK_NAMES = [
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
  'orange',
] as const;

export const InkSchema = z
  .enum(INK_NAMES)
  .describe('an ink, or `text` and `background` of the theme; one that the panel lacks becomes black or white');

/** An ink of some panel, or the theme's `text` and `background`. */
export type InkName = z.infer<typeof InkSchema>;

export const LangSchema = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/, 'a language is a BCP 47 tag')
  .describe('language, a BCP 47 tag');

export const AlignSchema = z.enum(['start', 'centre', 'end', 'stretch']);
export const TextAlignSchema = z.enum(['start', 'centre', 'end']);
export const ModeSchema = z.enum(['stable', 'normal', 'best']).describe('how it is dithered');
export const TextSchema = z.string().max(SCENE_LIMITS.letters);
export const ColourSchema = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour is "#rrggbb"');

export const TextSizeSchema = z
  .union([LengthSchema, z.strictObject({ min: LengthSchema, max: LengthSchema })])
  .describe('height of the letters; with `min` and `max` as large as fits');

export const PaddingSchema = z
  .union([
    LengthSchema,
    z.strictObject({
      top: LengthSchema.optional(),
      right: LengthSchema.optional(),
      bottom: LengthSchema.optional(),
      left: LengthSchema.optional(),
    }),
  ])
  .describe('room kept free inside the edge');
