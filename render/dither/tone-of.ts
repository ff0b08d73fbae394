import type { Picture } from '../picture/picture.js';
import type { Profile, Tone } from './profiles.js';

/** Below this mean of 8-bit values a picture is one of the night. */
const DARK_MEAN = 26;
/** One pixel of so many is looked at; a prime, so that no column is favoured. */
const LOOKED_AT = 37;

/** The tones in which pictures may come onto glass of this profile. */
export function tonesOf(profile: Profile): Tone[] {
  return profile.tone === 'light' || hasGreys(profile) ? [profile.tone] : [profile.tone, 'light'];
}

/**
 * The tone for a picture. Opening the shadows of a picture of the night would only show the grain of the few inks that
 * are there to draw it with, unless there are greys.
 */
export function toneOf(profile: Profile, { rgb }: Pick<Picture, 'rgb'>): Tone {
  return tonesOf(profile).includes('light') && isDark(rgb) ? 'light' : profile.tone;
}

function hasGreys(profile: Profile): boolean {
  return profile.kind === 'grey' && Object.keys(profile.light).length > 2;
}

function isDark(rgb: Uint8Array): boolean {
  let sum = 0;
  let count = 0;
  for (let at = 0; at + 2 < rgb.length; at += LOOKED_AT * 3) {
    sum += (rgb[at] ?? 0) + 2 * (rgb[at + 1] ?? 0) + (rgb[at + 2] ?? 0);
    count += 4;
  }
  return sum < DARK_MEAN * count;
}
