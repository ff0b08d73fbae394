import { type DitherMode, dither } from '../../../render/dither/dither.js';
import { inksOf, profileFor } from '../../../render/dither/profile.js';
import type { Triple } from '../../../render/dither/tables/colour-space.js';
import { inkLights } from '../../../render/dither/tables/colour-tables.js';
import { luminanceOf, toLinear } from '../../../render/dither/tables/tone.js';
import { unpackFrame } from '../../../render/frame/pack.js';
import type { Picture } from '../../../render/picture/picture.js';
import type { Figure } from '../figure.js';
import { QUALITY_PICTURES } from './pictures.js';
import { meanDifference } from './score.js';

const GLASSES: Readonly<Record<string, readonly string[]>> = {
  mono: ['black', 'white'],
  '4 greys': ['black', 'dark-grey', 'light-grey', 'white'],
  '6 inks': ['black', 'white', 'yellow', 'red', 'blue', 'green'],
};
const MODES: readonly DitherMode[] = ['normal', 'best', 'stable'];

/** How far each frame is from its picture, for the eye; on glass that is as the usual profile says. */
export async function benchQuality(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, paint] of Object.entries(QUALITY_PICTURES)) {
    const picture = paint();
    for (const [glass, inks] of Object.entries(GLASSES)) {
      for (const mode of MODES) {
        const difference = await differenceOf(picture, inks, mode);
        figures.push({
          what: `${name}, ${glass}, ${mode}`,
          unit: 'mean CIEDE2000',
          mean: Math.round(difference * 1000) / 1000,
        });
      }
    }
  }
  return figures;
}

/** Mean CIEDE2000 of the picture on the glass; a panel of greys is compared with the picture in greys. */
export async function differenceOf(
  picture: Picture,
  inks: readonly string[],
  mode: DitherMode,
  profileId?: string,
): Promise<number> {
  const profile = profileFor(inks, profileId);
  const options = profileId === undefined ? { inks, mode } : { inks, mode, profile: profileId };
  const indexes = unpackFrame(await dither(picture, options));
  const known = inksOf(profile);
  const lights =
    profile.kind === 'colour'
      ? inkLights(Object.values(profile.colours))
      : Object.values(profile.light).map((light): Triple => [light, light, light]);
  const rgb = Float64Array.from(picture.rgb, toLinear);
  if (profile.kind === 'grey') {
    for (let at = 0; at < rgb.length; at += 3) {
      rgb.fill(luminanceOf([rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0]), at, at + 3);
    }
  }
  return meanDifference(
    { width: picture.width, height: picture.height, rgb },
    indexes,
    inks.map((ink) => lights[known.indexOf(ink)] ?? [0, 0, 0]),
  );
}
