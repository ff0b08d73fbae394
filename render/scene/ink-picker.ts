import type { InkName } from './values.js';

/** Inks so light that they become white where a panel lacks them; all others become black. */
const LIGHT_INKS: ReadonlySet<string> = new Set(['white', 'light-grey', 'yellow']);

/** Picks the index of an ink by its name. */
export class InkPicker {
  readonly black: number;
  readonly white: number;
  readonly #inks: readonly string[];
  readonly #isDark: boolean;

  constructor(inks: readonly string[], theme: 'light' | 'dark') {
    this.#inks = inks;
    this.#isDark = theme === 'dark';
    this.black = inks.indexOf('black');
    this.white = inks.indexOf('white');
  }

  /** The ink of an area. */
  fill(name: InkName): number {
    if (name === 'text') return this.#isDark ? this.white : this.black;
    if (name === 'background') return this.#isDark ? this.black : this.white;
    const own = this.#inks.indexOf(name);
    if (own >= 0) return own;
    return LIGHT_INKS.has(name) ? this.white : this.black;
  }

  /** The ink of something thin; where its own is lacking it does not vanish into what lies behind. */
  stroke(name: InkName, behind: number): number {
    const ink = this.fill(name);
    const isReplaced = name !== 'text' && name !== 'background' && !this.#inks.includes(name);
    if (!isReplaced || ink !== behind) return ink;
    return behind === this.black ? this.white : this.black;
  }
}
