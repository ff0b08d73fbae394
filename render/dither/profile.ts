import { RenderError } from '../errors.js';
import { ANY_GLASS, PROFILES, type Profile } from './profiles.js';

/**
 * The profile of a panel with these inks.
 *
 * @param id which of those for the inks, whole or without the name of the glass that it begins with; left out, the usual one
 * @throws `render.unknown-profile` for an id that is not one for these inks, `render.bad-target` for an ink without a colour
 */
export function profileFor(inks: readonly string[], id?: string): Profile {
  const fitting = PROFILES.filter((profile) => isFor(inks, inksOf(profile)));
  if (id === undefined) return fitting[0] ?? composed(inks);
  const asked = fitting.find((profile) => profile.id === id || profile.id.endsWith(`-${id}`));
  if (asked !== undefined) return asked;
  const known = fitting.map((profile) => profile.id).join(', ') || 'none';
  throw new RenderError('render.unknown-profile', `no profile ${JSON.stringify(id)} for ${inks.join(', ')}: ${known}`);
}

/** The ids of the profiles that a panel with these inks can choose from, the usual one first. */
export function profileIdsFor(inks: readonly string[]): string[] {
  return PROFILES.filter((profile) => isFor(inks, inksOf(profile))).map(({ id }) => id);
}

/** The inks of a profile in the order of its tables. */
export function inksOf(profile: Profile): string[] {
  return Object.keys(profile.kind === 'grey' ? profile.light : profile.colours);
}

function isFor(inks: readonly string[], known: readonly string[]): boolean {
  return inks.length === known.length && known.every((ink) => inks.includes(ink));
}

function composed(inks: readonly string[]): Profile {
  const colours = inks.map((ink) => {
    const colour = Object.hasOwn(ANY_GLASS, ink) ? ANY_GLASS[ink] : undefined;
    if (colour === undefined) throw new RenderError('render.bad-target', `no ink is called ${JSON.stringify(ink)}`);
    return [ink, colour] as const;
  });
  return {
    id: inks.join('-'),
    kind: 'colour',
    tone: 'light',
    colours: Object.fromEntries(colours),
    source: 'put together from glass of other kinds',
  };
}
