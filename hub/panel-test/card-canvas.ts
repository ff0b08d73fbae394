import type { PanelSpec } from '../../hardware/index.js';

/** What of a panel a card is made for. */
export type CardPanel = Pick<PanelSpec, 'width' | 'height' | 'inks'>;

export type Rect = { x: number; y: number; width: number; height: number };

const GAP = 4;

/** One ink index per pixel. */
export class CardCanvas {
  readonly indexes: Uint8Array;
  readonly black: number;
  readonly white: number;
  readonly #panel: CardPanel;

  constructor(panel: CardPanel, indexes?: Uint8Array) {
    this.#panel = panel;
    this.black = Math.max(0, panel.inks.indexOf('black'));
    this.white = Math.max(0, panel.inks.indexOf('white'));
    this.indexes = indexes ?? new Uint8Array(panel.width * panel.height).fill(this.white);
  }

  copy(): CardCanvas {
    return new CardCanvas(this.#panel, Uint8Array.from(this.indexes));
  }

  /** `ink` is asked with the place inside the rectangle. */
  fill({ x, y, width, height }: Rect, ink: (x: number, y: number) => number): void {
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        this.indexes[(y + row) * this.#panel.width + x + column] = ink(column, row);
      }
    }
  }

  /** The same inside a thin black line, so that white can be told from nothing. */
  box(rect: Rect, ink: (x: number, y: number) => number): void {
    this.fill(rect, () => this.black);
    this.fill(inset(rect, 1), ink);
  }
}

export function inset({ x, y, width, height }: Rect, by: number): Rect {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

/** Side by side and as wide as each other, but for the pixels that cannot be shared. */
export function columns({ x, y, width, height }: Rect, count: number): Rect[] {
  return Array.from({ length: count }, (_, at) => {
    const left = Math.floor((at * (width + GAP)) / count);
    const right = Math.floor(((at + 1) * (width + GAP)) / count) - GAP;
    return { x: x + left, y, width: right - left, height };
  });
}

/** All of the width, and of the height the part between two shares. */
export function band({ x, y, width, height }: Rect, from: number, to: number): Rect {
  const top = y + Math.floor(from * (height + GAP));
  return { x, y: top, width, height: y + Math.floor(to * (height + GAP)) - GAP - top };
}

/** The longer side is cut; the second part gets a third of it, and no less than `leastSize`. */
export function split(rect: Rect, leastSize: number): [Rect, Rect] {
  const { x, y, width, height } = rect;
  if (width <= height) {
    const least = Math.max(leastSize, Math.floor(height / 3));
    const top = height - GAP - least;
    return [
      { x, y, width, height: top },
      { x, y: y + top + GAP, width, height: least },
    ];
  }
  const least = Math.max(leastSize, Math.floor(width / 3));
  const left = width - GAP - least;
  return [
    { x, y, width: left, height },
    { x: x + left + GAP, y, width: least, height },
  ];
}
