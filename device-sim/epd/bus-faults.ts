import type { ControllerChip } from './controller-chip.js';

/** What goes wrong on the way to a chip, once, after so many more bytes. */
export class BusFaults {
  #flipAfter: number | undefined;
  #resetAfter: number | undefined;

  /** One bit of the byte that comes then arrives wrong. */
  flipBit(afterBytes: number): void {
    this.#flipAfter = afterBytes;
  }

  /** The chips then fall back to how they are after a reset, as by a dip of the supply. */
  resetChips(afterBytes: number): void {
    this.#resetAfter = afterBytes;
  }

  /** Hands on what arrives. */
  pass(bytes: Uint8Array, chips: readonly Pick<ControllerChip, 'reset'>[], deliver: (bytes: Uint8Array) => void): void {
    const arriving = this.#flipped(bytes);
    const left = this.#resetAfter;
    if (left === undefined || left >= bytes.length) {
      if (left !== undefined) this.#resetAfter = left - bytes.length;
      deliver(arriving);
      return;
    }
    this.#resetAfter = undefined;
    if (left > 0) deliver(arriving.subarray(0, left));
    for (const chip of chips) chip.reset();
    deliver(arriving.subarray(left));
  }

  #flipped(bytes: Uint8Array): Uint8Array {
    const left = this.#flipAfter;
    if (left === undefined) return bytes;
    if (left >= bytes.length) {
      this.#flipAfter = left - bytes.length;
      return bytes;
    }
    this.#flipAfter = undefined;
    return Uint8Array.from(bytes, (byte, at) => (at === left ? byte ^ 0x10 : byte));
  }
}
