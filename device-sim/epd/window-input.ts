import type { PlaneInput } from './command-input.js';
import type { Region } from './glass.js';
import type { Lint } from './lint.js';
import type { RamPlane } from './ram-plane.js';

/** The data of a command that writes a window of RAM from its origin and takes exactly as much as that has. */
export class WindowInput implements PlaneInput {
  readonly #plane: RamPlane;
  readonly #name: string;
  readonly #lint: Lint;
  #overrun = false;

  constructor(plane: RamPlane, { window, name, lint }: { window: Region; name: string; lint: Lint }) {
    this.#plane = plane;
    this.#name = name;
    this.#lint = lint;
    plane.begin(window);
  }

  get missing(): number {
    return this.#plane.missing;
  }

  write(bytes: Uint8Array): void {
    const over = this.#plane.write(bytes);
    if (over === 0 || this.#overrun) return;
    this.#overrun = true;
    this.#lint.report('plane-too-long', `${this.#name} got more bytes than its window has`);
  }

  close(): void {
    const { missing } = this.#plane;
    if (missing > 0) this.#lint.report('plane-too-short', `${this.#name} lacks ${missing} bytes`);
  }
}
