import { once } from 'node:events';
import type { Page } from '../../contract/index.js';
import { type Frame, HardwareError, panelSpec, RefreshPolicy } from '../../hardware/index.js';
import type { Preparation } from '../../hub/display/preparer.js';
import { WiredDisplay } from '../../hub/display/wired-display.js';
import type { Store } from '../../hub/storage/store.js';
import type { RenderInput } from '../../render/index.js';
import { aDisplay, aFrame, PAGE, SILENT, type Site, settle } from './hub-site.js';

const BAD: Preparation = {
  ok: false,
  failure: { stage: 'render', code: 'render.bad', message: 'bad', retryable: false },
};

/** A panel whose refreshes end when they are told to. */
export class SlowPanel {
  readonly shown: { byte: number; mode: string }[] = [];
  sleeps = 0;
  /** How many calls for sleep fail from now on. */
  sleepless = 0;
  #ends: ((error?: Error) => void)[] = [];

  /** Whoever calls fails before the glass is driven. */
  isUnplugged = false;
  drives = 0;

  show(frame: Frame, mode: 'full' | 'fast' | 'partial') {
    this.shown.push({ byte: frame.data[0] ?? -1, mode });
    if (!this.isUnplugged) this.drives += 1;
    return new Promise<{ mode: typeof mode; window: undefined; busyMs: number; tookMs: number }>((resolve, reject) => {
      this.#ends.push((error) =>
        error === undefined ? resolve({ mode, window: undefined, busyMs: 0, tookMs: 0 }) : reject(error),
      );
    });
  }

  async sleep(): Promise<void> {
    if (this.sleepless > 0) {
      this.sleepless -= 1;
      throw new HardwareError('epd.busy-timeout', 'BUSY held');
    }
    this.sleeps += 1;
  }

  async end(error?: Error): Promise<void> {
    this.#ends.shift()?.(error);
    await settle();
  }
}

/** A display of the store on a slow panel; a page's text is the byte of its frame, or how it ends otherwise. */
export function onPanel(store: Store, { clock }: Pick<Site, 'clock'>, { panel: panelId = '7in5_V2' } = {}) {
  const surroundings: { temperatureC: number | undefined; hour: number } = { temperatureC: undefined, hour: 12 };
  const panel = new SlowPanel();
  const screens: RenderInput[] = [];
  const prepared = (byte: number): Preparation => {
    const frame = aFrame(byte);
    return { ok: true, frame, renderedMs: clock.now(), stored: Promise.resolve() };
  };
  const { displays, ledger } = store;
  const display = new WiredDisplay({
    displayId: aDisplay(store),
    panel: { width: 8, height: 1, inks: ['black', 'white'] },
    epd: panel,
    policy: new RefreshPolicy(panelSpec(panelId)),
    preparer: {
      page: async ({ text }, signal) => {
        if (text === 'never') await once(signal, 'abort');
        return Number.isNaN(Number(text)) ? BAD : prepared(Number(text));
      },
      screen: async (input) => {
        screens.push(input);
        return prepared(99);
      },
    },
    frames: { get: async (sha256) => Uint8Array.of(Number(sha256)), put: (bytes) => store.frames.put(bytes) },
    displays,
    ledger,
    roomTemperatureC: async () => surroundings.temperatureC,
    localHour: () => surroundings.hour,
    clock,
    random: () => 1,
    log: SILENT,
  });
  const page = (text: string): Page => ({ ...PAGE, text });
  const ask = (presentationId: string, text: string) => {
    const { displayId } = display;
    ledger.accept({ presentationId, displayId, cmdId: null, origin: 'local', page: page(text), askedMs: 0 });
    display.take({ presentationId, page: page(text) });
  };
  return { display, panel, screens, ask, page, surroundings };
}
