import type { EpdBus } from '../epd-bus.js';
import type { Frame } from '../frame.js';
import type { PixelWindow, Waveform } from '../panel-spec.js';

/** The behaviour of a family of controller chips. What a chip cannot do is absent. */
export interface Controller {
  /** Sends what chooses the waveform to a chip that was just reset. */
  prepare(bus: EpdBus, waveform: Waveform, signal?: AbortSignal): Promise<void>;
  /** Loads a whole frame. */
  load(bus: EpdBus, frame: Frame, waveform: Waveform): Promise<void>;
  /** Drives the glass and resolves when it is done. */
  refresh(bus: EpdBus, waveform: Waveform, signal?: AbortSignal): Promise<void>;
  /** Switches the high voltage off, if it is on between refreshes. */
  powerOff(bus: EpdBus, signal?: AbortSignal): Promise<void>;
  /** Puts a chip without high voltage into the sleep from which only a reset wakes it. */
  deepSleep(bus: EpdBus): Promise<void>;
  readonly partial?: PartialRefresh;
}

/** Refreshing windows, for chips that can. */
export interface PartialRefresh {
  /** How many windows one refresh can take. */
  readonly mostWindows: number;
  /** What addressing one costs on the bus, in bytes that could be sent instead. */
  readonly bytesPerWindow: number;
  /** Whether RAM outlives sleep, so that only what changed must be sent. */
  readonly keepsRam: boolean;
  /** Fills the whole RAM with what the glass shows, for a chip that keeps it and may hold anything. */
  fill?(bus: EpdBus, shown: Frame, waveform: Waveform): Promise<void>;
  /** Loads what the windows show now and what they are to show. */
  enter(bus: EpdBus, change: Change, waveform: Waveform): Promise<void>;
  /** After the refresh: makes the whole glass addressable again, and RAM what the glass now shows. */
  leave(bus: EpdBus, change: Change, waveform: Waveform): Promise<void>;
}

export interface Change {
  readonly before: Frame;
  readonly after: Frame;
  readonly windows: readonly PixelWindow[];
}
