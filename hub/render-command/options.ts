import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { PACKINGS, PackingName } from '../../render/index.js';
import { HubError } from '../errors.js';
import { wrongFlags } from '../wrong-flags.js';

/** What is drawn: one of the four. */
export type RenderSource =
  | { kind: 'image'; file: string }
  | { kind: 'text'; text: string }
  | { kind: 'scene'; file: string }
  | { kind: 'screen'; name: string; dataFile: string };

export type RenderOptions = {
  source: RenderSource;
  panel: string;
  mode: 'stable' | 'normal' | 'best';
  fit: 'fit' | 'fill';
  profile?: string;
  packing?: PackingName;
  /** Pictures that a scene or a screen names: each name and its file. */
  assets: readonly { name: string; file: string }[];
  out?: string;
  png?: string;
  json: boolean;
};

export const USAGE = `Draws for a panel, without one.

  npm run render -- --panel ID (--image FILE | --text TEXT | --scene FILE.json | --screen NAME --data FILE.json)
                    [--out FILE] [--png FILE] [more]

  --panel ID         whose size and inks; npm run panels names them (7in5_V2)
  --image FILE       a picture over the whole panel
  --text TEXT        words, as large as fits
  --scene FILE       a scene as JSON
  --screen NAME      a screen, with --data FILE: its data as JSON
  --asset NAME=FILE  a picture that the scene or the data names; may be given more than once
  --out FILE         the packed frame
  --png FILE         what it looks like
  --mode MODE        how pictures are dithered: stable, normal or best (normal)
  --fit FIT          fit shows the whole image, fill crops it to the panel (fit)
  --profile ID       which measurement of the panel's inks to trust
  --packing NAME     mono, g4 or c6 instead of the panel's own inks and packing: 1, 2 or 4 bits a pixel
  --json             one line of JSON: size, SHA-256, warnings, times
  --help             this text
`;

const ASSET = /^([^=]+)=(.+)$/s;
const packingNames = ['mono', 'g4', 'c6'] as const satisfies readonly (keyof typeof PACKINGS)[];

const text = z.string().min(1, 'is empty');

const FlagsSchema = z.object({
  panel: text.default('7in5_V2'),
  image: text.optional(),
  text: z.string().optional(),
  scene: text.optional(),
  screen: text.optional(),
  data: text.optional(),
  asset: z.array(z.string().regex(ASSET, 'is no NAME=FILE')).default([]),
  out: text.optional(),
  png: text.optional(),
  mode: z.enum(['stable', 'normal', 'best'], 'is none of stable, normal and best').default('normal'),
  fit: z.enum(['fit', 'fill'], 'is neither fit nor fill').default('fit'),
  profile: text.optional(),
  packing: z.enum(packingNames, 'is none of mono, g4 and c6').optional(),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

type Flags = z.infer<typeof FlagsSchema>;

/**
 * Parses the command line; undefined if the person asked for help.
 * @throws HubError `config.invalid` naming every flag that is wrong
 */
export function parseRenderOptions(argv: readonly string[]): RenderOptions | undefined {
  const given = readFlags(argv);
  if (given.help === true) return undefined;
  const flags = FlagsSchema.safeParse(given);
  if (!flags.success) {
    const problems = flags.error.issues.map(({ path, message }) => `--${path[0]?.toString()} ${message}`);
    throw new HubError('config.invalid', problems.join('; '));
  }
  const { panel, mode, fit, profile, packing, out, png, json } = flags.data;
  if (out === undefined && png === undefined) throw new HubError('config.invalid', '--out or --png is needed');
  const assets = flags.data.asset.map((pair) => {
    const [, name = '', file = ''] = ASSET.exec(pair) ?? [];
    return { name, file };
  });
  const source = sourceOf(flags.data);
  return {
    source,
    panel,
    mode,
    fit,
    assets,
    json,
    ...(profile === undefined ? {} : { profile }),
    ...(packing === undefined ? {} : { packing }),
    ...(out === undefined ? {} : { out }),
    ...(png === undefined ? {} : { png }),
  };
}

function sourceOf({ image, text, scene, screen, data }: Flags): RenderSource {
  const sources: RenderSource[] = [];
  if (image !== undefined) sources.push({ kind: 'image', file: image });
  if (text !== undefined) sources.push({ kind: 'text', text });
  if (scene !== undefined) sources.push({ kind: 'scene', file: scene });
  if (screen !== undefined) {
    if (data === undefined) throw new HubError('config.invalid', '--screen: --data is needed with it');
    sources.push({ kind: 'screen', name: screen, dataFile: data });
  } else if (data !== undefined) {
    throw new HubError('config.invalid', '--data: --screen is needed with it');
  }
  const [source, ...others] = sources;
  if (source === undefined || others.length > 0) {
    throw new HubError('config.invalid', 'one of --image, --text, --scene and --screen is needed');
  }
  return source;
}

function readFlags(argv: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const yes = { type: 'boolean' } as const;
    const sources = { image: text, text, scene: text, screen: text, data: text } as const;
    const asset = { type: 'string', multiple: true } as const;
    const how = { panel: text, mode: text, fit: text, profile: text, packing: text, asset } as const;
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: { ...sources, ...how, out: text, png: text, json: yes, help: yes },
    });
    return values;
  } catch (cause) {
    throw wrongFlags(cause);
  }
}
