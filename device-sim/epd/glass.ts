import { bitsPerPixelFor, type Frame, frameOf, rowBytes } from '../../hardware/index.js';

/** What a partial refresh leaves of the picture before, as a share; it adds up until a flash clears it. */
const GHOST_SHARE = 0.03;
const GHOST_LIMIT = 0.35;

/**
 * What a pixel is driven to: on grey glass a lightness, 0 black to 1 white, on coloured glass the index of an ink;
 * undefined leaves it alone.
 */
export type Drive = (x: number, y: number) => number | undefined;

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The e-ink itself: it keeps what was driven into it, with or without power. */
export class Glass {
  readonly width: number;
  readonly height: number;
  /** More than two are colours, of which a pixel has exactly one. */
  readonly inkCount: number;
  readonly #random: () => number;
  /** Of grey glass the lightness as an observer sees it, 0 to 1; of coloured glass the index of the ink. */
  readonly #seen: Float32Array | Uint8Array;
  /** How far a pixel was left from where it was driven, since it was last flashed. */
  readonly #ghost: Float32Array;

  /** Glass that nobody has driven shows what `random` makes of it. */
  constructor({
    width,
    height,
    random,
    inkCount = 2,
  }: {
    width: number;
    height: number;
    random: () => number;
    inkCount?: number;
  }) {
    this.width = width;
    this.height = height;
    this.inkCount = inkCount;
    this.#random = random;
    const length = width * height;
    this.#seen = this.#isColoured
      ? Uint8Array.from({ length }, () => this.#anyInk())
      : Float32Array.from({ length }, random);
    this.#ghost = new Float32Array(this.#isColoured ? 0 : length);
  }

  /**
   * Drives a region for a share `progress` of the whole waveform; less than 1 is a refresh that was cut off.
   * `flash` moves every pixel there and back, which clears ghosts.
   */
  drive(region: Region, target: Drive, { flash, progress }: { flash: boolean; progress: number }): void {
    const right = Math.min(region.x + region.width, this.width);
    const bottom = Math.min(region.y + region.height, this.height);
    for (let y = region.y; y < bottom; y += 1) {
      for (let x = region.x; x < right; x += 1) {
        const wanted = target(x, y);
        if (wanted === undefined) continue;
        const at = y * this.width + x;
        if (!this.#isColoured) this.#drivePixel(at, wanted, flash, progress);
        else this.#seen[at] = progress < 1 ? this.#anyInk() : wanted;
      }
    }
  }

  /** Puts back what `indexes` gave, without ghosts. */
  recall(indexes: Uint8Array): void {
    this.#ghost.fill(0);
    for (let at = 0; at < this.#seen.length; at += 1) this.#seen[at] = indexes[at] ?? 0;
  }

  /** The ink index of every pixel as an observer sees it; on grey glass darkest first, at equal steps of lightness. */
  indexes(inkCount = this.inkCount): Uint8Array {
    if (this.#isColoured) return Uint8Array.from(this.#seen);
    return Uint8Array.from(this.#seen, (lightness) => Math.round(lightness * (inkCount - 1)));
  }

  /** The same as a frame, to be compared by its hash. */
  frame(inkCount = this.inkCount): Frame {
    const bitsPerPixel = bitsPerPixelFor(inkCount);
    const stride = rowBytes(this.width, bitsPerPixel);
    const data = new Uint8Array(stride * this.height);
    const indexes = this.indexes(inkCount);
    for (let y = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1) {
        const bit = x * bitsPerPixel;
        const at = y * stride + (bit >> 3);
        data[at] = (data[at] ?? 0) | ((indexes[y * this.width + x] ?? 0) << (8 - bitsPerPixel - (bit & 7)));
      }
    }
    return frameOf(data, { width: this.width, height: this.height, inkCount });
  }

  /** What a pixel shows: on grey glass its lightness, 0 to 1, on coloured glass the index of its ink. */
  shownAt(x: number, y: number): number {
    return this.#seen[y * this.width + x] ?? 0;
  }

  /** The strongest ghost on the glass, as a share of black to white. */
  get worstGhost(): number {
    return this.#ghost.reduce((worst, ghost) => Math.max(worst, ghost), 0);
  }

  get #isColoured(): boolean {
    return this.inkCount > 2;
  }

  #anyInk(): number {
    return Math.min(this.inkCount - 1, Math.floor(this.#random() * this.inkCount));
  }

  #drivePixel(at: number, wanted: number, flash: boolean, progress: number): void {
    const was = this.#seen[at] ?? 0;
    if (progress < 1) {
      this.#seen[at] = was + (wanted - was) * progress;
      return;
    }
    const ghost = flash ? 0 : Math.min(GHOST_LIMIT, (this.#ghost[at] ?? 0) + GHOST_SHARE);
    this.#ghost[at] = ghost;
    this.#seen[at] = wanted >= 0.5 ? wanted - ghost : wanted + ghost;
  }
}
