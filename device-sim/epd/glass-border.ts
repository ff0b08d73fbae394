import { Glass } from './glass.js';

const RING = { x: 0, y: 0, width: 1, height: 1 } as const;

/** The ring of glass around the picture. It has one electrode of its own, so that all of it shows the same. */
export class GlassBorder {
  readonly #ring: Glass;
  #known = false;

  constructor({ random, inkCount }: { random: () => number; inkCount: number }) {
    this.#ring = new Glass({ width: RING.width, height: RING.height, random, inkCount });
  }

  /** Whether it was ever driven to its end, or else shows anything. */
  get isKnown(): boolean {
    return this.#known;
  }

  /** Of grey glass its lightness, 0 to 1; of coloured glass the index of its ink. */
  get shown(): number {
    return this.#ring.shownAt(0, 0);
  }

  /** How far it was left from where it was driven, as a share of black to white. */
  get ghost(): number {
    return this.#ring.worstGhost;
  }

  drive(to: number, how: { flash: boolean; progress: number }): void {
    this.#ring.drive(RING, () => to, how);
    this.#known = how.progress === 1;
  }
}
