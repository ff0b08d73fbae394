import type { Rgb } from '../frame/inks.js';
import type { Picture } from '../picture/picture.js';

/** What people know the look of, from left to right: even steps between two colours, or one patch for each. */
type Band = { colours: readonly Rgb[]; isPatches?: true };

/** sRGB, by eye. */
const BANDS: readonly Band[] = [
  // Greys.
  {
    colours: [
      [0, 0, 0],
      [255, 255, 255],
    ],
  },
  {
    colours: [
      [32, 32, 32],
      [80, 80, 80],
      [128, 128, 128],
      [176, 176, 176],
      [224, 224, 224],
    ],
    isPatches: true,
  },
  // Skins.
  {
    colours: [
      [246, 224, 206],
      [226, 178, 146],
      [168, 114, 86],
      [90, 58, 44],
    ],
    isPatches: true,
  },
  // A sky from above to its edge, leaves from shadow to sun, an evening.
  {
    colours: [
      [52, 110, 190],
      [228, 240, 250],
    ],
  },
  {
    colours: [
      [24, 48, 22],
      [172, 196, 96],
    ],
  },
  {
    colours: [
      [120, 20, 30],
      [232, 110, 40],
      [250, 226, 120],
    ],
  },
];

/** Greys, skins, sky, leaves and an evening in bands of one height. */
export function samplePicture(width: number, height: number): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    const band = BANDS[Math.floor((y * BANDS.length) / height)];
    for (let x = 0; x < width; x += 1) rgb.set(colourAt(band, x / width), (y * width + x) * 3);
  }
  return { width, height, rgb };
}

function colourAt({ colours, isPatches }: Band = { colours: [] }, share: number): Rgb {
  if (isPatches === true) return colours[Math.floor(share * colours.length)] ?? [0, 0, 0];
  const place = share * (colours.length - 1);
  const [from = [0, 0, 0], to = from] = colours.slice(Math.floor(place), Math.floor(place) + 2);
  const part = place - Math.floor(place);
  const between = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * part);
  return [between(0), between(1), between(2)];
}
