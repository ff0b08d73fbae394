import { HardwareError } from '../errors.js';
import type { Clock, PanelPort } from '../ports.js';
import { bounds, changedWindows } from './changed-windows.js';
import { ac073 } from './controllers/ac073.js';
import type { Controller } from './controllers/controller.js';
import { ssd168x } from './controllers/ssd168x.js';
import { uc8179 } from './controllers/uc8179.js';
import { EpdBus } from './epd-bus.js';
import { bitsPerPixelFor, type Frame, rowBytes } from './frame.js';
import { panelModes } from './panel-modes.js';
import type { ControllerName, PanelSpec, PixelWindow, ShowMode, Waveform } from './panel-spec.js';

/** What a panel may be asked with a frame. */
export interface ShowOptions {
  /** What the glass shows, for a partial refresh; by default what this object showed last. */
  readonly previous?: Frame;
  /** Ends the wait. Once the glass is being driven, what it shows is unknown afterwards. */
  readonly signal?: AbortSignal;
}

/** How a frame came onto the glass. */
export interface Shown {
  readonly mode: ShowMode;
  /** The part of the glass that was driven; undefined if it already showed the frame. */
  readonly window: PixelWindow | undefined;
  /** For how long the panel held BUSY: the part of the time that no driver can shorten. */
  readonly busyMs: number;
  /** The whole time, `busyMs` included. */
  readonly tookMs: number;
}

const CONTROLLERS: Record<ControllerName, Controller> = { uc8179, ssd168x, ac073, 'ac073-pair': ac073 };

/**
 * The life of one panel: reset, refresh, sleep. Calls are carried out one after the other.
 * After a failure the next call begins with a reset; a failure while the glass was driven leaves it unknown, so that
 * a partial refresh must be told what is on it, or be a full one.
 */
export class Epd {
  readonly #spec: PanelSpec;
  readonly #clock: Clock;
  readonly #bus: EpdBus;
  readonly #controller: Controller;
  #powered = false;
  /** The waveform that the chip is ready for; undefined when it sleeps or its state is not known. */
  #ready: ShowMode | undefined;
  #asleep = false;
  #glass: Frame | undefined;
  /** What both planes of a chip that keeps its RAM hold; undefined if nobody knows. */
  #ram: Frame | undefined;
  #drives = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ spec, port, clock }: { spec: PanelSpec; port: PanelPort; clock: Clock }) {
    this.#spec = spec;
    this.#clock = clock;
    this.#bus = new EpdBus({ port, clock, spec });
    this.#controller = CONTROLLERS[spec.controller];
  }

  get spec(): PanelSpec {
    return this.#spec;
  }

  /** What the glass shows, as far as this object has shown it itself. */
  get glass(): Frame | undefined {
    return this.#glass;
  }

  /** How often the glass has been driven so far, also where a refresh failed in its middle. */
  get drives(): number {
    return this.#drives;
  }

  /**
   * Resets the panel and makes it ready for a refresh. `show` does this by itself.
   * @throws HardwareError `epd.busy-timeout`, `epd.no-such-mode`
   */
  wake(mode: ShowMode = 'full', signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#makeReady(mode, this.#waveform(mode), signal));
  }

  /**
   * Brings a frame onto the glass and resolves when BUSY has released. The high voltage stays on, which harms the
   * glass in the long run: call `sleep` when no frame follows at once. A `grey` frame is in the inks of `spec.grey`.
   * @throws HardwareError `epd.wrong-geometry`, `epd.no-such-mode`, `epd.previous-unknown`, `epd.busy-timeout`,
   * `epd.no-answer`, or the signal's reason
   */
  show(frame: Frame, mode: ShowMode, { previous, signal }: ShowOptions = {}): Promise<Shown> {
    return this.#inTurn(async () => {
      signal?.throwIfAborted();
      const waveform = this.#waveform(mode);
      this.#check(frame, mode);
      const began = this.#clock.monotonic();
      const heldBefore = this.#bus.busyHeldMs;
      const window =
        mode === 'partial'
          ? await this.#showPartial(frame, waveform, previous ?? this.#glass, signal)
          : await this.#showWhole(frame, mode, waveform, signal);
      this.#glass = frame;
      const busyMs = this.#bus.busyHeldMs - heldBefore;
      return { mode, window, busyMs, tookMs: this.#clock.monotonic() - began };
    });
  }

  /**
   * Switches the high voltage off and puts the chip into deep sleep, also after a failure. Safe to call twice.
   * @throws HardwareError `epd.busy-timeout`, or the signal's reason
   */
  sleep(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#asleep) return;
      // A reset ends whatever the chip was doing, its high voltage included.
      if (this.#ready === undefined) await this.#reset(signal);
      else await this.#steady(() => this.#controller.powerOff(this.#bus, signal));
      this.#ready = undefined;
      await this.#controller.deepSleep(this.#bus);
      this.#asleep = true;
    });
  }

  async #showWhole(frame: Frame, mode: ShowMode, waveform: Waveform, signal?: AbortSignal): Promise<PixelWindow> {
    await this.#makeReady(mode, waveform, signal);
    this.#ram = undefined;
    await this.#steady(async () => {
      await this.#controller.load(this.#bus, frame, waveform);
      await this.#drive(waveform, signal);
    });
    if (mode !== 'grey' && this.#controller.partial?.keepsRam === true) this.#ram = frame;
    return { x: 0, y: 0, width: frame.width, height: frame.height };
  }

  async #showPartial(
    after: Frame,
    waveform: Waveform,
    before: Frame | undefined,
    signal?: AbortSignal,
  ): Promise<PixelWindow | undefined> {
    const partial = this.#controller.partial;
    if (partial === undefined) throw this.#noSuchMode('partial');
    if (before === undefined || (before === this.#glass && before.bitsPerPixel !== after.bitsPerPixel)) {
      throw new HardwareError('epd.previous-unknown', 'a partial refresh needs what the glass shows now, in two inks');
    }
    this.#check(before, 'partial');
    const { bytesPerWindow, mostWindows: most } = partial;
    const windows = changedWindows(before, after, { bytesPerWindow, most });
    if (windows.length === 0) return undefined;
    const ram = this.#ram;
    await this.#makeReady('partial', waveform, signal);
    this.#ram = undefined;
    await this.#steady(async () => {
      const change = { before, after, windows };
      if (ram?.sha256 !== before.sha256) await partial.fill?.(this.#bus, before, waveform);
      await partial.enter(this.#bus, change, waveform);
      await this.#drive(waveform, signal);
      await partial.leave(this.#bus, change, waveform);
    });
    if (partial.keepsRam) this.#ram = after;
    return bounds(windows);
  }

  async #drive(waveform: Waveform, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#glass = undefined;
    this.#drives += 1;
    await this.#controller.refresh(this.#bus, waveform, signal);
  }

  /** A chip that is ready for the mode and powered is left as it is. */
  async #makeReady(mode: ShowMode, waveform: Waveform, signal?: AbortSignal): Promise<void> {
    if (this.#ready === mode) return;
    if (this.#ready !== undefined) await this.#steady(() => this.#controller.powerOff(this.#bus, signal));
    await this.#reset(signal);
    await this.#controller.prepare(this.#bus, waveform, signal);
    this.#ready = mode;
  }

  async #reset(signal?: AbortSignal): Promise<void> {
    this.#ready = undefined;
    this.#asleep = false;
    if (!this.#powered) await this.#bus.powerUp(signal);
    this.#powered = true;
    await this.#bus.pulseReset(signal);
  }

  /** Whatever fails in the middle leaves the chip in a state that only a reset ends. */
  async #steady(work: () => Promise<void>): Promise<void> {
    const mode = this.#ready;
    this.#ready = undefined;
    await work();
    this.#ready = mode;
  }

  #waveform(mode: ShowMode): Waveform {
    const waveform = this.#spec[mode];
    if (waveform === undefined) throw this.#noSuchMode(mode);
    return waveform;
  }

  #noSuchMode(mode: ShowMode): HardwareError {
    const has = panelModes(this.#spec).join(', ');
    return new HardwareError('epd.no-such-mode', `${this.#spec.name} has no ${mode} refresh; it has ${has}`);
  }

  #check(frame: Frame, mode: ShowMode): void {
    const { width, height, grey } = this.#spec;
    const inks = mode === 'grey' && grey !== undefined ? grey.inks : this.#spec.inks;
    const bitsPerPixel = bitsPerPixelFor(inks.length);
    const bytes = rowBytes(width, bitsPerPixel) * height;
    const { data } = frame;
    if (frame.width === width && frame.height === height && frame.bitsPerPixel === bitsPerPixel) {
      if (data.length === bytes) return;
    }
    const has = `${frame.width} x ${frame.height}, ${frame.bitsPerPixel} bits per pixel, ${data.length} bytes`;
    const wants = `${width} x ${height}, ${bitsPerPixel} bits per pixel, ${bytes} bytes`;
    throw new HardwareError('epd.wrong-geometry', `the frame has ${has}; ${this.#spec.name} takes ${wants}`);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
