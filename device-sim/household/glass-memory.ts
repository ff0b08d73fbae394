import { readFile } from 'node:fs/promises';
import type { SimPanel } from '../epd/sim-panel.js';
import { writePrivate } from './home.js';

/** What the glass shows, kept in a file at each change: e-ink needs no power for it, however its world ends. */
export class GlassMemory {
  readonly #file: string;
  readonly #panel: Pick<SimPanel, 'glass'>;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, panel: Pick<SimPanel, 'glass'>) {
    this.#file = file;
    this.#panel = panel;
  }

  /** Shows it again; glass of another size, or none, is left as it came from the factory. */
  async recall(): Promise<void> {
    const { glass } = this.#panel;
    const { width, height } = glass;
    const kept = await readFile(this.#file).catch(() => undefined);
    if (kept?.length !== width * height) return;
    glass.recall(kept);
  }

  /** Has what the glass shows written soon. */
  keep(): void {
    // What cannot be written is made good by the next one, or reported by `stop`.
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    await writePrivate(this.#file, this.#panel.glass.indexes());
  }
}
