import type { EpdBus } from '../epd-bus.js';
import type { Frame } from '../frame.js';
import type { PixelWindow, Waveform } from '../panel-spec.js';

/** The behaviour of a family of controller chips. What a chip cannot do is absent. */
export interface Controller {
  /** Sends what chooses the waveform to a chip that was just reset, and switches the high voltage on. */
  prepare(bus: EpdBus, waveform: Waveform, signal?: AbortSignal): Promise<void>;
  /** Loads a whole frame. */
  load(bus: EpdBus, frame: Frame): Promise<void>;
  /** Drives the glass and resolves when it is done. */
  refresh(bus: EpdBus, waveform: Waveform, signal?: AbortSignal): Promise<void>;
  /** Switches the high voltage off. */
  powerOff(bus: EpdBus, signal?: AbortSignal): Promise<void>;
  /** Puts a chip without high voltage into the sleep from which only a reset wakes it. */
  deepSleep(bus: EpdBus): Promise<void>;
  readonly partial?: PartialRefresh;
}

/** Refreshing a window, for chips that can. */
export interface PartialRefresh {
  /** Loads what the window shows now and what it is to show. */
  enter(bus: EpdBus, frames: { before: Frame; after: Frame }, window: PixelWindow): Promise<void>;
  /** Makes the whole glass addressable again. */
  leave(bus: EpdBus): Promise<void>;
}
