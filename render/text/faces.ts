import { FONT_FAMILIES } from './fontconfig.js';

export type Face = 'interface' | 'reading' | 'mono' | 'pixel';

/** The families of a face in order of preference, as a Pango font description lists them. */
export const FACES: Record<Face, string> = {
  interface: FONT_FAMILIES,
  reading: FONT_FAMILIES,
  mono: FONT_FAMILIES,
  pixel: FONT_FAMILIES,
};
