import { parseArgs } from 'node:util';
import { z } from 'zod';
import { panelSpec } from '../../hardware/index.js';
import { SCREEN_NAMES } from '../../render/index.js';
import { HubError } from '../errors.js';
import { wrongFlags } from '../wrong-flags.js';
import { PLACES } from './places.js';

export type GalleryOptions = { out: string; screens: readonly string[]; panels: readonly string[] };

export const USAGE = `Draws every screen's example for every panel, light and dark, and a page that shows them.

  npm run gallery -- [--out FOLDER] [--screen NAME] [--panel ID]

  --out FOLDER    where index.html and its pictures go (gallery)
  --screen NAME   this screen alone; may be given more than once
  --panel ID      this panel alone; may be given more than once
  --help          this text
`;

const FlagsSchema = z.object({
  out: z.string().default('gallery'),
  screen: z.array(z.string()).default([...SCREEN_NAMES]),
  panel: z.array(z.string()).default([...new Set(PLACES.map(({ panel }) => panel))]),
  help: z.boolean().default(false),
});

/**
 * Parses the command line; undefined if the person asked for help.
 * @throws HubError `config.invalid`; HardwareError `epd.unknown-panel`
 */
export function parseGalleryOptions(argv: readonly string[]): GalleryOptions | undefined {
  const { out, screen, panel, help } = FlagsSchema.parse(flagsOf(argv));
  if (help) return undefined;
  if (out === '') throw new HubError('config.invalid', '--out is empty');
  const unknown = screen.find((name) => !SCREEN_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new HubError('config.invalid', `--screen: no screen ${unknown}; there are ${SCREEN_NAMES.join(', ')}`);
  }
  for (const id of panel) panelSpec(id);
  return { out, screens: screen, panels: panel };
}

function flagsOf(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const several = { type: 'string', multiple: true } as const;
  const options = { out: text, screen: several, panel: several, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw wrongFlags(error);
  }
}
