import type { RenderTarget } from '../input.js';
import { type Formats, formatsFor } from './formats.js';
import type { ScreenSettings } from './settings.js';
import { type Weekday, weekStartOf } from './week-start.js';

/** Classes of sheets by their pixels: what there is room for, and how large letters are. */
export type SheetSize = 'tiny' | 'small' | 'medium' | 'large' | 'huge';

/** What a screen is built for: the sheet, and the household that reads it. */
export type ScreenContext = {
  width: number;
  height: number;
  inks: readonly string[];
  size: SheetSize;
  portrait: boolean;
  locale: string;
  rightToLeft: boolean;
  timeZone: string;
  units: 'metric' | 'imperial';
  theme: 'light' | 'dark';
  weekStart: Weekday;
  formats: Formats;
  /** As they were given, for a screen within a screen. */
  settings: ScreenSettings;
};

/** Pixels up to which a sheet is of a class: 250 x 122, 296 x 128 and 264 x 176, 400 x 300, 800 x 480 and beyond. */
const MOST_PIXELS = { tiny: 34_000, small: 70_000, medium: 200_000, large: 800_000 } as const;

/** CLDR 46 supplemental unitPreferences: regions that tell temperatures in Fahrenheit and roads in miles. */
const IMPERIAL_REGIONS = ['US', 'LR', 'MM', 'PR', 'GU', 'VI', 'AS', 'MP', 'UM', 'BS', 'BZ', 'KY', 'PW'];
const WEEKDAYS = { sunday: 0, monday: 1, saturday: 6 } as const;
const RIGHT_TO_LEFT_SCRIPTS = ['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Rohg'];

export function contextOf(
  settings: ScreenSettings,
  { width, height, inks }: Pick<RenderTarget, 'width' | 'height' | 'inks'>,
): ScreenContext {
  const { region = '', script = '' } = new Intl.Locale(settings.locale).maximize();
  const units = settings.units ?? (IMPERIAL_REGIONS.includes(region) ? 'imperial' : 'metric');
  return {
    width,
    height,
    inks,
    size: sizeOf(width * height),
    portrait: height > width,
    locale: settings.locale,
    rightToLeft: RIGHT_TO_LEFT_SCRIPTS.includes(script),
    timeZone: settings.timeZone,
    units,
    theme: settings.theme,
    weekStart: settings.weekStart === undefined ? weekStartOf(region) : WEEKDAYS[settings.weekStart],
    settings,
    formats: formatsFor({ ...settings, units, region: settings.units === undefined ? region : '' }),
  };
}

function sizeOf(pixels: number): SheetSize {
  if (pixels <= MOST_PIXELS.tiny) return 'tiny';
  if (pixels <= MOST_PIXELS.small) return 'small';
  if (pixels <= MOST_PIXELS.medium) return 'medium';
  return pixels <= MOST_PIXELS.large ? 'large' : 'huge';
}
