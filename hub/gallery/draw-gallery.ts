import path from 'node:path';
import { z } from 'zod';
import type { frameToPng, renderInput, SCREENS } from '../../render/index.js';
import { HubError } from '../errors.js';
import { galleryPage, type Picture } from './gallery-page.js';
import type { GalleryOptions } from './options.js';
import { PLACES } from './places.js';

export type GalleryDeps = {
  /** What each screen shows, by its name. */
  screens: Readonly<Record<string, Pick<(typeof SCREENS)[keyof typeof SCREENS], 'shows'>>>;
  renderInput: typeof renderInput;
  frameToPng: typeof frameToPng;
  /** The example of a screen, as JSON. */
  readExample: (name: string) => Promise<string>;
  writeFile: (file: string, bytes: Uint8Array | string) => Promise<void>;
  tell: (line: string) => void;
};

const THEMES = ['light', 'dark'] as const;
const ExampleSchema = z.looseObject({ settings: z.looseObject({}) });

/**
 * Draws the screens and writes the page that shows them.
 * @returns how many pictures there are
 * @throws HubError `file.unwritable`; RenderError
 */
export async function drawGallery(options: GalleryOptions, deps: GalleryDeps): Promise<number> {
  const pictures: Picture[] = [];
  for (const name of options.screens) {
    const example = ExampleSchema.parse(JSON.parse(await deps.readExample(name)));
    for (const place of PLACES.filter(({ panel }) => options.panels.includes(panel))) {
      for (const theme of THEMES) {
        const data = { ...example, settings: { ...example.settings, theme } };
        const { frame, warnings } = await deps.renderInput({ kind: 'screen', name, data }, place);
        const file = `${name}-${place.panel}${place.upright ? '-upright' : ''}-${theme}.png`;
        await write(path.join(options.out, file), await deps.frameToPng(frame, place.inks), deps);
        pictures.push({ screen: name, place, theme, file, warnings: warnings.length });
      }
    }
    deps.tell(name);
  }
  const sections = options.screens.map((name) => ({ name, shows: deps.screens[name]?.shows ?? '' }));
  await write(path.join(options.out, 'index.html'), galleryPage(sections, pictures), deps);
  return pictures.length;
}

async function write(file: string, bytes: Uint8Array | string, { writeFile }: GalleryDeps): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HubError('file.unwritable', `${file}: ${reason}`, { cause: error });
  }
}
