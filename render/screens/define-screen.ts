import { z } from 'zod';
import { RenderError } from '../errors.js';
import type { RenderTarget } from '../input.js';
import type { Scene } from '../scene/schema.js';
import { contextOf, type ScreenContext } from './context.js';
import { SettingsFieldSchema } from './settings.js';

/** Pictures that come with a screen, as encoded files by the names that its data calls them. */
export type Assets = Readonly<Record<string, Uint8Array>>;

/** A screen built: its scene, the pictures that it shows, and what of the data could not be used. */
export type BuiltScreen = { scene: Scene; assets: Assets; unread: number };

export type Screen = {
  /** One sentence for the table of screens. */
  shows: string;
  /** What its data has to be, `settings` included. */
  schema: z.ZodType;
  build(data: unknown, target: Pick<RenderTarget, 'width' | 'height' | 'inks'>, assets: Assets): BuiltScreen;
};

export type ScreenParts = { scene: Scene; assets?: Assets; unread?: number };

type Definition<Shape extends z.core.$ZodLooseShape> = {
  shows: string;
  data: z.ZodObject<Shape, z.core.$strict>;
  build(data: z.output<z.ZodObject<Shape, z.core.$strict>>, context: ScreenContext, assets: Assets): ScreenParts;
};

/** A screen that reads its data and its settings by their schemas before it builds. */
export function defineScreen<Shape extends z.core.$ZodLooseShape>({ shows, data, build }: Definition<Shape>): Screen {
  const schema = z.object({ settings: SettingsFieldSchema }).loose();
  return {
    shows,
    schema: data.extend({ settings: SettingsFieldSchema }),
    build: (given, target, assets) => {
      const { settings, ...rest } = read(schema, given);
      const context = contextOf(settings, target);
      return { assets: {}, unread: 0, ...build(read(data, rest), context, assets) };
    },
  };
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, MOST_PROBLEMS)
    .map(({ path, message }) => `${pathName(path)}: ${message}`);
  throw new RenderError('render.bad-screen-data', problems.join('; '));
}

const MOST_PROBLEMS = 5;

function pathName(path: readonly PropertyKey[]): string {
  const words = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return words.join('').replace(/^\./, '') || 'data';
}
