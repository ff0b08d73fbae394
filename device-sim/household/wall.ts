import { EventEmitter, once } from 'node:events';
import { frameToPng } from '../../render/index.js';
import type { SimPanel } from '../epd/sim-panel.js';
import type { Picture, View } from './person.js';

const CHANGED = 'changed';

/** What hangs on the wall, as those see it who stand before it. */
export class Wall implements View {
  readonly panel: string;
  readonly #inks: readonly string[];
  readonly #device: () => SimPanel;
  readonly #events = new EventEmitter();
  #changes = 0;

  constructor({ panel, inks, device }: { panel: string; inks: readonly string[]; device: () => SimPanel }) {
    this.panel = panel;
    this.#inks = inks;
    this.#device = device;
    this.#events.setMaxListeners(0);
  }

  /** How often the glass has changed since the world began. */
  get changes(): number {
    return this.#changes;
  }

  /** To be called when a refresh has ended. */
  refreshed(): void {
    this.#changes += 1;
    this.#events.emit(CHANGED);
  }

  /** Resolves at the next change. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#events, CHANGED, { signal });
  }

  async png(): Promise<Uint8Array> {
    return frameToPng(this.#device().glass.frame(), this.#inks);
  }

  /** SHA-256 of the frame that an observer reads off the glass. */
  get sha256(): string {
    return this.#device().glass.frame().sha256;
  }

  async look(): Promise<Picture> {
    const { glass } = this.#device();
    const { width, height } = glass;
    const rgba = new Uint8ClampedArray(width * height * 4);
    glass.indexes().forEach((ink, at) => {
      const level = ink === 0 ? 0 : 255;
      rgba.set([level, level, level, 255], at * 4);
    });
    return { rgba, width, height };
  }
}
