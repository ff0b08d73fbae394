import type { INK_NAMES } from '../scene/values.js';
import type { ScreenContext } from './context.js';

export type InkName = (typeof INK_NAMES)[number];

/** What an ink is for; a panel that lacks it shows the meaning by weight and shape alone. */
export type Palette = {
  /** Today, late, too much: the one thing to see first. */
  accent: InkName;
  /** What stands on a field of the accent. */
  onAccent: InkName;
  /** What is of less weight. */
  muted: InkName;
  faint: InkName;
  water: InkName;
  warm: InkName;
  sun: InkName;
  good: InkName;
};

export function paletteFor({ inks, theme }: Pick<ScreenContext, 'inks' | 'theme'>): Palette {
  const has = (ink: string) => inks.includes(ink);
  const dark = theme === 'dark';
  // The red and the blue of this glass are too dark to be read on its black.
  const onPaper = (ink: InkName): InkName => (has(ink) && !dark ? ink : 'text');
  const grey = has('dark-grey');
  return {
    accent: has('red') && !(dark && has('blue')) ? 'red' : 'text',
    onAccent: has('red') && !(dark && has('blue')) ? 'white' : 'background',
    muted: grey ? (dark ? 'light-grey' : 'dark-grey') : 'text',
    faint: grey ? (dark ? 'dark-grey' : 'light-grey') : 'text',
    water: onPaper('blue'),
    warm: onPaper('red'),
    sun: has('yellow') ? 'yellow' : 'text',
    good: onPaper('green'),
  };
}
