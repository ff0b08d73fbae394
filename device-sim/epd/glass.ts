import { type Frame, frameOf, rowBytes } from '../../hardware/index.js';

/** What a partial refresh leaves of the picture before, as a share; it adds up until a flash clears it. */
const GHOST_SHARE = 0.03;
const GHOST_LIMIT = 0.35;

/** The lightness that a pixel is driven to, 0 black to 1 white; undefined leaves it alone. */
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
  /** Lightness as an observer sees it, 0 to 1. */
  readonly #lightness: Float32Array;
  /** How far a pixel was left from where it was driven, since it was last flashed. */
  readonly #ghost: Float32Array;

  /** Glass that nobody has driven shows what `random` makes of it. */
  constructor({ width, height, random }: { width: number; height: number; random: () => number }) {
    this.width = width;
    this.height = height;
    this.#lightness = Float32Array.from({ length: width * height }, random);
    this.#ghost = new Float32Array(width * height);
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
        if (wanted !== undefined) this.#drivePixel(y * this.width + x, wanted, flash, progress);
      }
    }
  }

  /** The ink index of every pixel as an observer sees it, darkest ink first, at equal steps of lightness. */
  indexes(inkCount = 2): Uint8Array {
    const indexes = new Uint8Array(this.#lightness.length);
    for (let at = 0; at < indexes.length; at += 1) {
      indexes[at] = Math.round((this.#lightness[at] ?? 0) * (inkCount - 1));
    }
    return indexes;
  }

  /** The same as a frame of two inks, black and white, to be compared by its hash. */
  frame(): Frame {
    const stride = rowBytes(this.width, 1);
    const data = new Uint8Array(stride * this.height);
    for (let y = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1) {
        if ((this.#lightness[y * this.width + x] ?? 0) < 0.5) continue;
        const at = y * stride + (x >> 3);
        data[at] = (data[at] ?? 0) | (0x80 >> (x & 7));
      }
    }
    return frameOf(data, { width: this.width, height: this.height, inkCount: 2 });
  }

  /** Lightness of one pixel, 0 to 1. */
  lightnessAt(x: number, y: number): number {
    return this.#lightness[y * this.width + x] ?? 0;
  }

  /** The strongest ghost on the glass, as a share of black to white. */
  get worstGhost(): number {
    return this.#ghost.reduce((worst, ghost) => Math.max(worst, ghost), 0);
  }

  #drivePixel(at: number, wanted: number, flash: boolean, progress: number): void {
    const was = this.#lightness[at] ?? 0;
    if (progress < 1) {
      this.#lightness[at] = was + (wanted - was) * progress;
      return;
    }
    const ghost = flash ? 0 : Math.min(GHOST_LIMIT, (this.#ghost[at] ?? 0) + GHOST_SHARE);
    this.#ghost[at] = ghost;
    this.#lightness[at] = wanted >= 0.5 ? wanted - ghost : wanted + ghost;
  }
}
