/** The four ways over rows of pixels, and the memory on which they work. Places in it are in bytes. */
export interface Kernel {
  /** The memory, at least so many bytes of it. Views from before are void. */
  memory(leastBytes: number): Uint8Array;
  greyNormal(
    input: number,
    output: number,
    width: number,
    rows: number,
    line: number,
    bits: number,
    levels: number,
    work: number,
  ): void;
  greyStable(
    input: number,
    output: number,
    width: number,
    rows: number,
    left: number,
    top: number,
    bits: number,
    levels: number,
    work: number,
  ): void;
  colourNormal(
    input: number,
    output: number,
    width: number,
    rows: number,
    line: number,
    bits: number,
    work: number,
  ): void;
  colourStable(
    input: number,
    output: number,
    width: number,
    rows: number,
    left: number,
    top: number,
    bits: number,
    inks: number,
    work: number,
  ): void;
}
